package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.testkit.AuthorsRun;
import io.nlar.testkit.AuthorsRun.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** NAdamW and Lion against recorded runs of their authors' code, within the tolerances of docs/numerics.md. */
public interface AuthorsContract extends ContractSupport {

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  default void reproducesWhatTheAuthorsCodeDoes(DType type) {
    Assumptions.assumeTrue(types().contains(type), "the device does not know the type");
    double tolerance = type == DType.FLOAT64 ? 1e-10 : 1e-5;
    List<String> failures = new ArrayList<>();
    int compared = 0;
    for (AuthorsRun run : AuthorsRun.all()) {
      List<Model> models = run.on(device(), type);
      for (int i = 0; i < run.models().size(); i++) {
        for (int tensor = 0; tensor < 2; tensor++) {
          double error = error(run.models().get(i).values().get(tensor), models.get(i).values().get(tensor));
          if (!(error <= tolerance)) {
            failures.add(run + ", step " + models.get(i).step() + ": tensor " + tensor + " is off by " + error);
          }
          compared++;
        }
      }
    }
    assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
    assertEquals(4 * 9 * 2, compared, "runs × models × tensors");
  }

  /** The largest difference, relative to the largest expected magnitude. */
  private static double error(double[] expected, double[] actual) {
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    return difference / Arrays.stream(expected).map(Math::abs).max().orElseThrow();
  }
}
