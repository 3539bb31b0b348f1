import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.xform.util.XFormUtils;

/** A form read and begun. */
class OpenForm {
    final FormDef definition;
    final FormEntryController controller;

    OpenForm(JsonNode job) throws Exception {
        Attachments.offer(job.path("attachments"));
        byte[] xml = job.get("xml").asText().getBytes(StandardCharsets.UTF_8);
        definition = XFormUtils.getFormFromInputStream(new ByteArrayInputStream(xml));
        controller = new FormEntryController(new FormEntryModel(definition));
        definition.initialize(true, new InstanceInitializationFactory());
    }
}
