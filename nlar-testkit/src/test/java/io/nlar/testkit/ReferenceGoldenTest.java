package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Slot;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference step against the recorded runs of the published optimizers. */
class ReferenceGoldenTest {
  private static final List<Trace> TRACES = Traces.all();

  @Test
  void thereAreThirtyThreeTraces() {
    assertEquals(33, TRACES.size());
    assertEquals(33, TRACES.stream().map(Trace::name).distinct().count());
    assertTrue(TRACES.stream().allMatch(trace -> trace.expected().size() >= 7 && trace.frozenNoise() != null));
  }

  /** Only where no momentum at all was given is there no velocity to compare. */
  @Test
  void velocitiesAreComparedWhereTheyWereKept() {
    assertEquals(List.of("nlarcm-no-momentum", "nlarsm-no-momentum"), TRACES.stream()
        .filter(trace -> !trace.config().slots().contains(Slot.VELOCITY)).map(Trace::name).sorted().toList());
  }

  static Stream<Arguments> tracesAndTypes() {
    return TRACES.stream().flatMap(trace -> Stream.of(DType.FLOAT32, DType.FLOAT64).map(type -> Arguments.of(trace, type)));
  }

  @ParameterizedTest
  @MethodSource("tracesAndTypes")
  void reproducesTheTrace(Trace trace, DType type) {
    GoldenResult result = GoldenRun.runReference(type, trace);
    Set<Quantity> compared = EnumSet.of(Quantity.THETA, Quantity.LEARNING_RATE);
    if (trace.config().slots().contains(Slot.VELOCITY)) {
      compared.add(Quantity.VELOCITY);
    }
    assertEquals(compared, result.errors().keySet());
    assertTrue(result.passed(), () -> trace + " in " + type + ": " + result.errors());
  }
}
