package io.nlar.opencl;

import io.nlar.Control;
import io.nlar.Precision;
import io.nlar.Step;
import io.nlar.spi.Codes;
import io.nlar.spi.RulePlan;
import io.nlar.spi.queue.StepTables;
import io.nlar.spi.queue.Struct;
import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The constants and records that host and kernels share, declared once, in Java: the beginning of every program. */
final class Preamble {
  /** OpenCL C. */
  static final String TEXT = text();

  private Preamble() {}

  private static String text() {
    StringBuilder text = new StringBuilder();
    constants().forEach((name, value) ->
        text.append("#define ").append(name).append(' ').append(Integer.toUnsignedString(value)).append('\n'));
    // Sizes count elements, of which there may be more than 32 bits tell.
    text.append("#define BLOCK ").append(StepTables.BLOCK).append("ul\n");
    text.append("#define LANES ").append(StepTables.LANES).append("u\n");
    text.append("#define NO_NODE ").append(Integer.toUnsignedString(StepTables.NO_NODE)).append("u\n");
    for (Struct struct : List.of(StepTables.TENSOR, StepTables.CHUNK, StepTables.GROUP, StepTables.NODE_RECORD,
        StepTables.REFUSAL)) {
      text.append("typedef struct {");
      struct.fields().forEach(field -> text.append(' ').append(type(field.kind())).append(' ').append(field.name())
          .append(field.count() == 1 ? "" : "[" + field.count() + "]").append(';'));
      text.append(" } ").append(struct.name().toLowerCase(Locale.ROOT)).append("_t;\n");
    }
    return text.toString();
  }

  private static String type(Struct.Kind kind) {
    return switch (kind) {
      case WORD -> "uint";
      case WIDE -> "ulong";
      case REAL -> "double";
    };
  }

  private static Map<String, Integer> constants() {
    Map<String, Integer> constants = new LinkedHashMap<>(of(Codes.class));
    for (Control element : Control.values()) {
      constants.put("CONTROL_" + element.name(), element.ordinal());
    }
    for (Precision.Master master : Precision.Master.values()) {
      constants.put("MASTER_" + master.name(), master.ordinal());
    }
    constants.putAll(of(StepTables.class));
    // These three have types of their own.
    constants.keySet().removeAll(List.of("BLOCK", "LANES", "NO_NODE"));
    constants.put("MOST_KEPT", RulePlan.MOST_KEPT);
    constants.put("MOST_NUMBERS", RulePlan.MOST_NUMBERS);
    constants.put("OBJECTS_A_LAUNCH", OpenClKernels.OBJECTS);
    constants.put("REMEMBERED_TICKETS", Step.REMEMBERED_TICKETS);
    return constants;
  }

  /** All public numbers of a class, in an order that is always the same. */
  private static Map<String, Integer> of(Class<?> codes) {
    Map<String, Integer> numbers = new TreeMap<>();
    for (Field code : codes.getFields()) {
      try {
        if (code.getType() == int.class) {
          numbers.put(code.getName(), code.getInt(null));
        }
      } catch (IllegalAccessException e) {
        throw new AssertionError("the codes are public", e);
      }
    }
    return numbers;
  }
}
