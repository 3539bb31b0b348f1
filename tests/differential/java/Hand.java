import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.QuestionDef;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.MultipleItemsData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.test.Scenario;
import org.javarosa.xform.util.XFormAnswerDataParser;

/** Does what a person does: answers, adds and removes repeats, switches the language. */
class Hand {
    private final FormDef form;
    private final FormEntryController controller;

    Hand(FormDef form, FormEntryController controller) {
        this.form = form;
        this.controller = controller;
    }

    /** Takes a step; null, or why it could not be taken. */
    String tried(JsonNode step) {
        try {
            take(step);
            return null;
        } catch (Throwable refusal) {
            return String.valueOf(refusal);
        }
    }

    private void take(JsonNode step) {
        String ref = step.path(1).asText();
        switch (step.get(0).asText()) {
            case "set" -> answer(ref, step.get(2).asText());
            case "add" -> add(Scenario.getRef(ref));
            case "remove" -> remove(ref + "[" + step.get(2).asInt() + "]");
            case "language" -> controller.setLanguage(ref);
            case "reopen" -> { }
            default -> throw new IllegalArgumentException(step.toString());
        }
    }

    private void answer(String ref, String value) {
        TreeElement node = node(ref);
        if (!node.isRelevant() || !node.isEnabled()) throw new IllegalStateException("closed " + ref);
        QuestionDef question = FormDef.findQuestionByRef(node.getRef().genericize(), form);
        form.setValue(value.isEmpty() ? null : typed(node, question, value), node.getRef(), true);
    }

    private IAnswerData typed(TreeElement node, QuestionDef question, String value) {
        int control = question == null ? Constants.CONTROL_INPUT : question.getControlType();
        if (control == Constants.CONTROL_SELECT_ONE) return new SelectOneData(new Selection(value));
        if (control == Constants.CONTROL_SELECT_MULTI || control == Constants.CONTROL_RANK) {
            List<Selection> chosen = new ArrayList<>();
            for (String part : value.trim().split("\\s+")) chosen.add(new Selection(part));
            return new MultipleItemsData(chosen);
        }
        IAnswerData data = XFormAnswerDataParser.getAnswerData(value, node.getDataType(), question);
        if (data == null) throw new IllegalArgumentException("unreadable");
        return data;
    }

    private TreeElement node(String ref) {
        List<TreeReference> found = form.getEvaluationContext().expandReference(Scenario.getRef(ref));
        if (found == null || found.size() != 1) throw new IllegalStateException("no such node " + ref);
        return form.getMainInstance().resolveReference(found.get(0));
    }

    private void add(TreeReference wanted) {
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        for (int event = controller.stepToNextEvent(); event != FormEntryController.EVENT_END_OF_FORM;
                event = controller.stepToNextEvent()) {
            TreeReference here = controller.getModel().getFormIndex().getReference();
            if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT && sameFamily(here, wanted)) {
                controller.newRepeat();
                return;
            }
        }
        throw new IllegalStateException("no place to add " + wanted);
    }

    private void remove(String ref) {
        TreeReference wanted = node(ref).getRef();
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        for (int event = controller.stepToNextEvent(); event != FormEntryController.EVENT_END_OF_FORM;
                event = controller.stepToNextEvent()) {
            FormIndex here = controller.getModel().getFormIndex();
            if (event == FormEntryController.EVENT_REPEAT && wanted.equals(here.getReference())) {
                form.deleteRepeat(here);
                return;
            }
        }
        throw new IllegalStateException("nothing to remove " + ref);
    }

    /** Whether both are instances of one repeat inside the same instances of the repeats around it. */
    private static boolean sameFamily(TreeReference here, TreeReference wanted) {
        if (here.size() != wanted.size()) return false;
        for (int level = 0; level < here.size(); level++) {
            if (!here.getName(level).equals(wanted.getName(level))) return false;
            int place = wanted.getMultiplicity(level);
            if (level < here.size() - 1 && place >= 0 && place != here.getMultiplicity(level)) return false;
        }
        return true;
    }
}
