package io.nlar.nd4j;

import io.nlar.StepConfig;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.stream.Stream;
import org.nd4j.shade.jackson.core.JsonGenerator;
import org.nd4j.shade.jackson.core.JsonParser;
import org.nd4j.shade.jackson.databind.DeserializationContext;
import org.nd4j.shade.jackson.databind.JsonDeserializer;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.nd4j.shade.jackson.databind.JsonNode;
import org.nd4j.shade.jackson.databind.JsonSerializer;
import org.nd4j.shade.jackson.databind.SerializerProvider;

/**
 * Settings in the JSON that ND4J keeps beside its models. They are records, some of them variants of a sealed interface:
 * an object holds the variant's simple name as {@code kind} and the components under their names.
 */
final class SettingsJson {
  private static final String KIND = "kind";

  private SettingsJson() {}

  /** Writes settings. */
  static final class Writer extends JsonSerializer<StepConfig> {
    @Override
    public void serialize(StepConfig config, JsonGenerator out, SerializerProvider provider) throws IOException {
      write(config, out);
    }

    private static void write(Object value, JsonGenerator out) throws IOException {
      switch (value) {
        case Record settings -> {
          out.writeStartObject();
          out.writeStringField(KIND, settings.getClass().getSimpleName());
          for (RecordComponent component : settings.getClass().getRecordComponents()) {
            out.writeFieldName(component.getName());
            write(read(settings, component), out);
          }
          out.writeEndObject();
        }
        default -> out.writeString(value.toString()); // numbers too: exact, whatever a mapper does to numbers
      }
    }

    private static Object read(Record settings, RecordComponent component) {
      try {
        return component.getAccessor().invoke(settings);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e); // accessors of public records do not throw
      }
    }
  }

  /** Reads settings. */
  static final class Reader extends JsonDeserializer<StepConfig> {
    @Override
    public StepConfig deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return (StepConfig) read(StepConfig.class, in.readValueAsTree(), in);
    }

    private static Object read(Class<?> type, JsonNode node, JsonParser in) throws IOException {
      if (node == null) {
        throw new JsonMappingException(in, "the settings of an NlarUpdater lack a " + type.getSimpleName());
      }
      if (type.isEnum()) {
        return Arrays.stream(type.getEnumConstants()).filter(constant -> ((Enum<?>) constant).name().equals(node.asText()))
            .findFirst().orElseThrow(() -> unknown(type, node.asText(), in));
      }
      if (type == double.class) {
        return Double.valueOf(node.asText());
      }
      if (type == long.class) {
        return Long.valueOf(node.asText());
      }
      if (type == int.class) {
        return Integer.valueOf(node.asText());
      }
      String kind = node.path(KIND).asText();
      Class<?> variant = variants(type).filter(c -> c.getSimpleName().equals(kind)).findFirst()
          .orElseThrow(() -> unknown(type, kind, in));
      RecordComponent[] components = variant.getRecordComponents();
      Object[] values = new Object[components.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = read(components[i].getType(), node.get(components[i].getName()), in);
      }
      return make(variant, components, values);
    }

    private static JsonMappingException unknown(Class<?> type, String name, JsonParser in) {
      return new JsonMappingException(in, "'" + name + "' is no " + type.getSimpleName()
          + " of this version of Nlar; read the model with the version that wrote it, or a later one");
    }

    private static Stream<Class<?>> variants(Class<?> type) {
      return type.isSealed() ? Arrays.stream(type.getPermittedSubclasses()).flatMap(Reader::variants) : Stream.of(type);
    }

    private static Object make(Class<?> variant, RecordComponent[] components, Object[] values) {
      try {
        Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Constructor<?> constructor = variant.getConstructor(types);
        return constructor.newInstance(values);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException refused) {
          throw refused;
        }
        throw new AssertionError(e);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e); // canonical constructors of public records are there
      }
    }
  }
}
