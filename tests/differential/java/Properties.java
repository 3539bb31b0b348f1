import java.util.List;
import java.util.Map;
import org.javarosa.core.services.IPropertyManager;
import org.javarosa.core.services.properties.IPropertyRules;

/** Who fills the form in, on which device: the same in all engines. */
class Properties implements IPropertyManager {
    private final Map<String, String> values = Map.of("deviceid", "device:1", "username", "teacher");

    public List<String> getProperty(String name) {
        return List.of(getSingularProperty(name));
    }

    public String getSingularProperty(String name) {
        return values.getOrDefault(name, "");
    }

    public void setProperty(String name, String value) {}

    public void setProperty(String name, List<String> value) {}

    public void addRules(IPropertyRules rules) {}

    public List<IPropertyRules> getRules() {
        return List.of();
    }
}
