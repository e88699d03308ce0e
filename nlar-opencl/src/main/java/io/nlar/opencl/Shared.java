package io.nlar.opencl;

import io.nlar.Control;
import io.nlar.Step;
import io.nlar.spi.Codes;
import io.nlar.spi.RulePlan;
import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** The constants that host and kernels share, declared once, in Java: the beginning of every program. */
final class Shared {
  /** Definitions for the preprocessor. */
  static final String DEFINITIONS = definitions();

  private Shared() {}

  private static String definitions() {
    StringBuilder text = new StringBuilder();
    constants().forEach((name, value) -> text.append("#define ").append(name).append(' ').append(value).append('\n'));
    // Sizes count elements, of which there may be more than 32 bits tell.
    text.append("#define BLOCK ").append(Mapping.BLOCK).append("ul\n");
    text.append("#define LANES ").append(Mapping.LANES).append("u\n");
    return text.toString();
  }

  private static Map<String, Integer> constants() {
    Map<String, Integer> constants = new LinkedHashMap<>(codes());
    for (Control element : Control.values()) {
      constants.put("CONTROL_" + element.name(), element.ordinal());
    }
    constants.putAll(LaunchPlan.TENSOR.constants());
    constants.putAll(GroupTable.SETTING.constants());
    constants.put("SCALARS_GIVEN", BoundStep.SCALARS_GIVEN);
    constants.put("FINISHES", BoundStep.FINISHES);
    constants.put("REDUCED", BoundStep.REDUCED);
    constants.put("REFUSES", BoundStep.REFUSES);
    constants.put("MOST_NUMBERS", RulePlan.MOST_NUMBERS);
    constants.put("MOST_SLOTS", StateArenas.MOST_SLOTS);
    constants.put("OBJECTS_A_LAUNCH", LaunchPlan.OBJECTS);
    constants.put("REMEMBERED_TICKETS", Step.REMEMBERED_TICKETS);
    return constants;
  }

  /** All of {@link Codes}, in an order that is always the same. */
  private static Map<String, Integer> codes() {
    Map<String, Integer> codes = new TreeMap<>();
    for (Field code : Codes.class.getFields()) {
      try {
        codes.put(code.getName(), code.getInt(null));
      } catch (IllegalAccessException e) {
        throw new AssertionError("the codes are public", e);
      }
    }
    return codes;
  }
}
