package io.nlar.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nlar.StateFileException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StateHeaderTest {
  private static final String VALID = """
      {"__metadata__":{"nlar.sha256":"%s","nlar.format":"nlar-state-1","nlar.numerics":"1","nlar.applied":"7",
      "nlar.skipped":"1","nlar.groups":"[{\\"config\\":{\\"estimator\\":\\"Nlarcm\\"},\\"parameters\\":[\\"w\\"]}]"},
      "w/velocity":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},
      "w/rate":{"dtype":"F32","shape":[3],"data_offsets":[12,24]}}""".formatted("a".repeat(64));

  private static StateHeader parse(String json) {
    return StateHeader.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsWhatItNeeds() {
    StateHeader header = parse(VALID);
    assertEquals(7, header.applied());
    assertEquals(24, header.dataBytes());
    assertEquals("Nlarcm", header.settings().get("w").get("estimator"));
    assertEquals(new StateHeader.Stored("F32", 3, 12, 12), header.tensors().get("w/rate"));
  }

  @Test
  void gapsAndOverlapsBetweenTensorsAreRefused() {
    assertThrows(StateFileException.class, () -> parse(VALID.replace("[12,24]", "[13,24]")));
    assertThrows(StateFileException.class, () -> parse(VALID.replace("[12,24]", "[12,11]")));
    assertThrows(StateFileException.class, () -> parse(VALID.replace("[12,24]", "[0,9223372036854775807]")));
    assertThrows(StateFileException.class, () -> parse(VALID.replace("[3]", "[9223372036854775807,3]")));
  }

  @Test
  void anotherVersionIsRefused() {
    assertThrows(StateFileException.class, () -> parse(VALID.replace("\"nlar.numerics\":\"1\"", "\"nlar.numerics\":\"2\"")));
    assertThrows(StateFileException.class, () -> parse("{}"));
  }

  /** Whatever a damaged header looks like, the only failure is the typed one. */
  @Test
  void damagedHeadersNeverFailOtherwise() {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = VALID.getBytes(StandardCharsets.UTF_8);
      for (int n = random.nextInt(4); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        StateHeader.parse(bytes);
      } catch (StateFileException expected) {
        // the typed refusal
      }
    }
  }
}
