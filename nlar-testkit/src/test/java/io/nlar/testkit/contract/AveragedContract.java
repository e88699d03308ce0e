package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.testkit.AveragedRun;
import io.nlar.testkit.AveragedRun.Model;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.BitDifference;
import io.nlar.testkit.RandomCases;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rules that average: bits, recorded runs. */
public interface AveragedContract extends ContractSupport {

  @Test
  default void averagedRulesGiveTheBitsOfTheReference() {
    List<String> failures = new ArrayList<>();
    for (BitCase run : RandomCases.averaged()) {
      if (types().containsAll(run.types())) {
        BitComparison.run(device(), run).map(BitDifference::toString).ifPresent(failures::add);
      }
    }
    assertTrue(failures.isEmpty(), () -> failures.size() + " cases differ:\n"
        + String.join("\n", failures.subList(0, Math.min(10, failures.size()))));
  }

  /** Against an implementation of its own, in Python: float64 within 1e-10, float32 within 1e-5 after 500 steps. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  default void averagedRulesReproduceRecordedRuns(DType type) {
    Assumptions.assumeTrue(types().contains(type), "the device does not know the type");
    double tolerance = type == DType.FLOAT64 ? 1e-10 : 1e-5;
    List<String> failures = new ArrayList<>();
    for (AveragedRun run : AveragedRun.all()) {
      List<Model> models = run.on(device(), type);
      for (int i = 0; i < models.size(); i++) {
        Model expected = run.models().get(i);
        Model actual = models.get(i);
        for (String quantity : expected.quantities().keySet()) {
          double error = error(expected.quantities().get(quantity), actual.quantities().get(quantity));
          if (!(error <= tolerance)) {
            failures.add(run + ", step " + expected.step() + ": " + quantity + " is off by " + error);
          }
        }
      }
    }
    assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
  }

  /** The largest difference, relative to the largest expected magnitude. */
  private static double error(double[] expected, double[] actual) {
    double magnitude = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    return difference == 0 ? 0 : difference / magnitude;
  }
}
