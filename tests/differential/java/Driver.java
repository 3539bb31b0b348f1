import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.services.storage.StorageManager;
import org.javarosa.core.services.storage.util.DummyIndexedStorageUtility;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.parse.XFormParser;
import org.opendatakit.validate.StubSetGeopointActionHandler;

/** Fills forms in with JavaRosa: one job a line in, one outcome a line out; with any argument it measures instead. */
public class Driver {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        Logger.getLogger("").setLevel(Level.OFF);
        StorageManager.setStorageFactory((name, type) -> new DummyIndexedStorageUtility<>());
        new XFormsModule().registerModule();
        XFormParser.registerActionHandler("setgeopoint", new StubSetGeopointActionHandler());
        PropertyManager.setPropertyManager(new Properties());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode job = JSON.readTree(line);
            out.println(JSON.writeValueAsString(arguments.length > 0 ? Measure.of(job) : outcome(job)));
        }
    }

    private static ObjectNode outcome(JsonNode job) {
        ObjectNode outcome = JSON.createObjectNode();
        outcome.put("id", job.get("id").asText());
        try {
            fill(job, outcome);
        } catch (Throwable broken) {
            outcome.put("error", String.valueOf(broken));
        }
        return outcome;
    }

    private static void fill(JsonNode job, ObjectNode outcome) throws Exception {
        long start = System.nanoTime();
        OpenForm open = new OpenForm(job);
        FormDef form = open.definition;
        FormEntryController controller = open.controller;
        Visitor visitor = new Visitor(form, controller);
        States states = new States(outcome.putArray("states"));
        ArrayNode refused = outcome.putArray("refused");
        ArrayNode times = outcome.putArray("ms");
        ObjectNode opened = visitor.look();
        times.add((System.nanoTime() - start) / 1e6);
        states.add(opened);
        Hand hand = new Hand(form, controller);
        for (JsonNode step : job.get("script")) {
            long before = System.nanoTime();
            refused.add(hand.tried(step));
            ObjectNode seen = visitor.look();
            times.add((System.nanoTime() - before) / 1e6);
            states.add(seen);
        }
        controller.finalizeFormEntry();
        byte[] instance = new XFormSerializingVisitor().serializeInstance(form.getMainInstance(), form);
        outcome.put("xml", new String(instance, StandardCharsets.UTF_8));
    }

    /** Keeps of each state only what differs from the one before. */
    private static class States {
        private final ArrayNode kept;
        private Map<String, JsonNode> before = new HashMap<>();

        States(ArrayNode kept) {
            this.kept = kept;
        }

        void add(ObjectNode state) {
            ObjectNode changes = kept.addObject();
            Map<String, JsonNode> now = new HashMap<>();
            state.fields().forEachRemaining(entry -> now.put(entry.getKey(), entry.getValue()));
            before.keySet().stream().filter(ref -> !now.containsKey(ref)).forEach(changes::putNull);
            now.forEach((ref, facts) -> {
                if (!facts.equals(before.get(ref))) changes.set(ref, facts);
            });
            before = now;
        }
    }
}
