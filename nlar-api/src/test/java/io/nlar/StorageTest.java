package io.nlar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Precision.Master;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which types go together: the table of docs/low-precision.md, and nothing else. A refusal comes before any memory. */
class StorageTest {

  private static boolean allowed(DType value, DType gradient, DType state, Master master) {
    Set<DType> narrow = Set.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16);
    boolean kept = switch (value) {
      case FLOAT64 -> gradient == DType.FLOAT64 && state == DType.FLOAT64;
      case FLOAT32, BFLOAT16, FLOAT16 -> narrow.contains(gradient) && Set.of(DType.FLOAT32, DType.BFLOAT16).contains(state);
      case UINT16 -> false;
    };
    return kept && switch (master) {
      case NONE -> value != DType.FLOAT16;
      case REMAINDER -> value == DType.BFLOAT16;
      case FLOAT32 -> value == DType.FLOAT16;
      case AUTO -> false;
    };
  }

  @Test
  void everyCombinationIsTakenOrRefusedByName() {
    int taken = 0;
    for (DType value : DType.values()) {
      for (DType gradient : DType.values()) {
        for (DType state : DType.values()) {
          for (Master master : Master.values()) {
            if (allowed(value, gradient, state, master)) {
              new Storage(value, gradient, state, master);
              taken++;
            } else {
              String message = assertThrows(SettingException.class, () -> new Storage(value, gradient, state, master),
                  () -> value + ", " + gradient + ", " + state + ", " + master).getMessage();
              assertTrue(message.startsWith(value + " values "), message);
            }
          }
        }
      }
    }
    assertEquals(1 + 3 * 2 * (1 + 2 + 1), taken);
  }

  /** What users may well ask for, and what they are told. */
  @Test
  void theRefusalNamesWhatIsPossible() {
    record Case(DType value, DType gradient, DType state, Master master, List<String> words) {}
    for (Case c : List.of(
        new Case(DType.BFLOAT16, DType.BFLOAT16, DType.FLOAT64, Master.REMAINDER,
            List.of("state of FLOAT32 or BFLOAT16", "not of FLOAT64")),
        new Case(DType.FLOAT32, DType.FLOAT32, DType.FLOAT32, Master.REMAINDER, List.of("a master of NONE", "not of REMAINDER")),
        new Case(DType.FLOAT64, DType.BFLOAT16, DType.FLOAT64, Master.NONE, List.of("gradients of FLOAT64", "not of BFLOAT16")),
        new Case(DType.FLOAT32, DType.FLOAT32, DType.FLOAT16, Master.NONE, List.of("not of FLOAT16")),
        new Case(DType.FLOAT16, DType.FLOAT16, DType.BFLOAT16, Master.NONE, List.of("a master of FLOAT32", "not of NONE")),
        new Case(DType.UINT16, DType.UINT16, DType.FLOAT32, Master.NONE, List.of("use a floating-point type")))) {
      String message = assertThrows(SettingException.class,
          () -> new Storage(c.value, c.gradient, c.state, c.master)).getMessage();
      for (String word : c.words) {
        assertTrue(message.contains(word), message);
      }
    }
  }
}
