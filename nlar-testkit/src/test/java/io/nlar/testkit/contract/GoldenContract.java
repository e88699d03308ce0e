package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.testkit.GoldenResult;
import io.nlar.testkit.GoldenRun;
import io.nlar.testkit.Trace;
import io.nlar.testkit.Traces;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Recorded runs of the published optimizers, within the tolerances of docs/numerics.md. */
public interface GoldenContract extends ContractSupport {

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  default void reproducesTheGoldenTraces(DType type) {
    Assumptions.assumeTrue(types().contains(type), "the device does not know the type");
    List<String> failures = new ArrayList<>();
    int passed = 0;
    for (Trace trace : Traces.all()) {
      GoldenResult result = GoldenRun.run(device(), type, trace);
      boolean velocity = trace.config().slots().contains(Slot.VELOCITY);
      assertEquals(velocity ? 3 : 2, result.errors().size(), () -> trace + " compares " + result.errors().keySet());
      if (result.passed()) {
        passed++;
      } else {
        failures.add(trace + ": " + result.errors());
      }
    }
    assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
    assertEquals(33, passed);
  }
}
