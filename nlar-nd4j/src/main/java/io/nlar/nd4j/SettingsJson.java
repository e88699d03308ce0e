package io.nlar.nd4j;

import io.nlar.SettingException;
import io.nlar.StepConfig;
import java.io.IOException;
import org.nd4j.shade.jackson.core.JsonGenerator;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.databind.DeserializationContext;
import org.nd4j.shade.jackson.databind.JsonDeserializer;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.nd4j.shade.jackson.databind.JsonSerializer;
import org.nd4j.shade.jackson.databind.SerializerProvider;

/** Settings in the JSON that ND4J keeps beside its models: their {@linkplain StepConfig#text text}, exact to the bit. */
final class SettingsJson {
  private SettingsJson() {}

  /** Writes settings. */
  static final class Writer extends JsonSerializer<StepConfig> {
    @Override
    public void serialize(StepConfig config, JsonGenerator out, SerializerProvider provider) throws IOException {
      out.writeString(config.text());
    }
  }

  /** Reads settings. */
  static final class Reader extends JsonDeserializer<StepConfig> {
    @Override
    public StepConfig deserialize(JsonParser in, DeserializationContext context) throws IOException {
      try {
        return StepConfig.parse(in.getValueAsString(""));
      } catch (SettingException unknown) {
        throw new JsonMappingException(in, "the settings of an NlarUpdater are not those of this version of Nlar; read the"
            + " model with the version that wrote it, or a later one: " + unknown.getMessage(), unknown);
      }
    }
  }
}
