import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.javarosa.core.reference.Reference;
import org.javarosa.core.reference.ReferenceFactory;
import org.javarosa.core.reference.ReferenceManager;

/** The files of a form, written to a folder of this process because JavaRosa reads them by path. */
class Attachments {
    private static Path folder;

    static void offer(JsonNode files) throws IOException {
        if (folder == null) {
            folder = Files.createTempDirectory("javarosa");
            folder.toFile().deleteOnExit();
        }
        files.fields().forEachRemaining(file -> write(folder.resolve(file.getKey()), file.getValue().asText()));
        ReferenceManager.instance().reset();
        ReferenceManager.instance().addReferenceFactory(new Offered());
    }

    private static void write(Path path, String text) {
        try {
            Files.writeString(path, text);
            path.toFile().deleteOnExit();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static class Offered implements ReferenceFactory {
        public boolean derives(String uri) {
            return uri.startsWith("jr://");
        }

        public Reference derive(String uri) {
            return new Attachment(uri);
        }

        public Reference derive(String uri, String context) {
            return new Attachment(uri);
        }
    }

    private record Attachment(String uri) implements Reference {
        private Path path() {
            return folder.resolve(uri.substring(uri.lastIndexOf('/') + 1));
        }

        public boolean doesBinaryExist() {
            return Files.exists(path());
        }

        public InputStream getStream() throws IOException {
            return Files.newInputStream(path());
        }

        public String getURI() {
            return uri;
        }

        public String getLocalURI() {
            return path().toString();
        }

        public boolean isReadOnly() {
            return true;
        }

        public OutputStream getOutputStream() {
            throw new UnsupportedOperationException();
        }

        public void remove() {}

        public Reference[] probeAlternativeReferences() {
            return new Reference[0];
        }
    }
}
