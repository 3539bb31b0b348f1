import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.xform.util.XFormAnswerDataSerializer;

/** Goes through the form as Collect does, page by page, and notes what each node holds and shows. */
class Visitor {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern ITEXT = Pattern.compile("jr:itext\\('([^']+)'\\)");
    private static final int MOST_EVENTS = 20_000;
    private final FormDef form;
    private final FormEntryController controller;

    Visitor(FormDef form, FormEntryController controller) {
        this.form = form;
        this.controller = controller;
    }

    /** Facts by reference, of all nodes. */
    ObjectNode look() {
        // Repeat counts, and answers that are no longer offered, are brought up to date by walking past them.
        prompts();
        List<FormEntryPrompt> prompts = prompts();
        ObjectNode state = JSON.createObjectNode();
        note(form.getMainInstance().getRoot(), "", state);
        for (FormEntryPrompt prompt : prompts) {
            ObjectNode facts = (ObjectNode) state.get(path(prompt.getIndex().getReference()));
            if (facts != null) describe(prompt, facts);
        }
        return state;
    }

    /** How many answers are wrong or missing. */
    int violations() {
        int count = 0;
        for (FormEntryPrompt prompt : prompts()) {
            TreeElement node = form.getMainInstance().resolveReference(prompt.getIndex().getReference());
            ObjectNode facts = JSON.createObjectNode().put("value", text(node));
            judge(prompt, facts);
            if (facts.has("violation")) count++;
        }
        return count;
    }

    private List<FormEntryPrompt> prompts() {
        List<FormEntryPrompt> found = new ArrayList<>();
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        for (int count = 0; count < MOST_EVENTS; count++) {
            int event = controller.stepToNextEvent();
            if (event == FormEntryController.EVENT_END_OF_FORM) break;
            if (event != FormEntryController.EVENT_QUESTION) continue;
            FormEntryPrompt prompt = controller.getModel().getQuestionPrompt();
            if (choosing(prompt)) prompt.getSelectChoices();
            found.add(prompt);
        }
        return found;
    }

    private void note(TreeElement node, String above, ObjectNode state) {
        String path = above + "/" + node.getName() + (node.isRepeatable() ? "[" + (node.getMult() + 1) + "]" : "");
        ObjectNode facts = state.putObject(path);
        facts.put("relevant", node.isRelevant());
        if (node.getNumChildren() == 0) facts.put("value", text(node));
        for (int place = 0; place < node.getNumChildren(); place++) {
            TreeElement child = node.getChildAt(place);
            if (child.getMult() != TreeReference.INDEX_TEMPLATE) note(child, path, state);
        }
    }

    private static String text(TreeElement node) {
        IAnswerData data = node.getValue();
        if (data == null) return "";
        return String.valueOf(new XFormAnswerDataSerializer().serializeAnswerData(data, node.getDataType()));
    }

    private String path(TreeReference reference) {
        TreeElement node = form.getMainInstance().resolveReference(reference);
        StringBuilder path = new StringBuilder();
        for (TreeElement step = node; step != null && step.getName() != null; step = (TreeElement) step.getParent()) {
            path.insert(0, "/" + step.getName() + (step.isRepeatable() ? "[" + (step.getMult() + 1) + "]" : ""));
        }
        return path.toString();
    }

    private void describe(FormEntryPrompt prompt, ObjectNode facts) {
        facts.put("required", prompt.isRequired());
        facts.put("readonly", prompt.isReadOnly());
        facts.put("label", orBlank(prompt.getQuestionText()));
        facts.put("hint", orBlank(prompt.getHelpText()));
        facts.put("guidance", guidance(prompt));
        judge(prompt, facts);
        if (choosing(prompt)) {
            ArrayNode choices = facts.putArray("choices");
            for (SelectChoice choice : prompt.getSelectChoices()) {
                choices.addArray().add(choice.getValue()).add(orBlank(prompt.getSelectChoiceText(choice)));
            }
        }
    }

    private static boolean choosing(FormEntryPrompt prompt) {
        int control = prompt.getControlType();
        return control == Constants.CONTROL_SELECT_ONE || control == Constants.CONTROL_SELECT_MULTI
            || control == Constants.CONTROL_RANK;
    }

    private static String guidance(FormEntryPrompt prompt) {
        String id = prompt.getQuestion().getHelpTextID();
        return id == null ? "" : orBlank(prompt.getSpecialFormQuestionText(id, "guidance"));
    }

    private void judge(FormEntryPrompt prompt, ObjectNode facts) {
        // Several choices that were all pruned leave an empty answer behind; for Collect's person it is none.
        if (facts.get("value").asText().isEmpty()) {
            if (prompt.isRequired()) violated(facts, "required", requiredText(prompt));
        } else if (!form.evaluateConstraint(prompt.getIndex().getReference(), prompt.getAnswerValue())) {
            violated(facts, "constraint", prompt.getConstraintText());
        }
    }

    private static void violated(ObjectNode facts, String kind, String message) {
        facts.put("violation", kind);
        facts.put("message", orBlank(message));
    }

    private static String requiredText(FormEntryPrompt prompt) {
        for (TreeElement attribute : prompt.getBindAttributes()) {
            if (attribute.getName().equals("requiredMsg")) {
                Matcher id = ITEXT.matcher(attribute.getAttributeValue());
                return id.matches() ? prompt.getSpecialFormQuestionText(id.group(1), null) : attribute.getAttributeValue();
            }
        }
        return null;
    }

    private static String orBlank(String text) {
        return text == null ? "" : text;
    }
}
