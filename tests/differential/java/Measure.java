import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.javarosa.model.xform.XFormSerializingVisitor;

/** How long JavaRosa takes over what a person does, and how much memory an open form needs. */
class Measure {
    private static final int OPENINGS = 7;
    private static final int KEPT = 3;

    static ObjectNode of(JsonNode job) throws Exception {
        ObjectNode found = new ObjectMapper().createObjectNode();
        found.put("start", System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime());
        ArrayNode openings = found.putArray("open");
        for (int count = 0; count < OPENINGS; count++) openings.add(milliseconds(() -> new OpenForm(job)));
        OpenForm form = new OpenForm(job);
        Hand hand = new Hand(form.definition, form.controller);
        Visitor visitor = new Visitor(form.definition, form.controller);
        ArrayNode answers = found.putArray("answer");
        for (JsonNode step : job.get("script")) {
            String[] refusal = new String[1];
            double spent = milliseconds(() -> refusal[0] = hand.tried(step));
            if (refusal[0] == null) answers.add(spent);
        }
        ArrayNode checks = found.putArray("check");
        ArrayNode saves = found.putArray("save");
        for (int count = 0; count < OPENINGS; count++) {
            checks.add(milliseconds(visitor::violations));
            saves.add(milliseconds(() -> new XFormSerializingVisitor()
                .serializeInstance(form.definition.getMainInstance(), form.definition)));
        }
        found.put("bytes", bytes(job));
        return found;
    }

    private static long bytes(JsonNode job) throws Exception {
        List<OpenForm> kept = new ArrayList<>();
        long before = used();
        for (int count = 0; count < KEPT; count++) kept.add(new OpenForm(job));
        return (used() - before) / kept.size();
    }

    private static long used() throws InterruptedException {
        for (int count = 0; count < 3; count++) {
            System.gc();
            Thread.sleep(50);
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private interface Work {
        Object done() throws Exception;
    }

    private static double milliseconds(Work work) throws Exception {
        long start = System.nanoTime();
        work.done();
        return (System.nanoTime() - start) / 1e6;
    }
}
