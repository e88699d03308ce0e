package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Scaling;
import io.nlar.testkit.PyTorchRun;
import io.nlar.testkit.PyTorchRun.Model;
import io.nlar.testkit.PyTorchRun.Recorded;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** AdamW against recorded runs of PyTorch's, within the tolerances of docs/numerics.md. */
public interface PyTorchContract extends ContractSupport {

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  default void reproducesPyTorchsAdamW(DType type) {
    Assumptions.assumeTrue(types().contains(type), "the device does not know the type");
    List<String> failures = new ArrayList<>();
    int compared = 0;
    for (PyTorchRun run : PyTorchRun.all()) {
      List<Model> models = run.on(device(), type);
      for (Recorded recorded : run.recorded(type)) {
        for (int i = 0; i < models.size(); i++) {
          Model expected = recorded.models().get(i);
          String where = run + ", " + recorded.by() + ", step " + expected.step();
          for (String quantity : expected.quantities().keySet()) {
            double error = error(expected.quantities().get(quantity), models.get(i).quantities().get(quantity));
            double tolerance = tolerance(run, recorded, quantity, expected.step());
            if (!(error <= tolerance)) {
              failures.add(where + ": " + quantity + " is off by " + error + ", more than " + tolerance);
            }
            compared += recorded.by().size();
          }
        }
      }
    }
    assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
    assertEquals((5 * 5 + 14 * 4) * 3 * 3, compared, "models × quantities × implementations");
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

  private static double tolerance(PyTorchRun run, Recorded recorded, String quantity, int step) {
    boolean theta = quantity.equals("theta");
    if (recorded.type() == DType.FLOAT64) {
      return !clippedNearOne(run) ? 1e-12 : theta ? 1e-8 : 2e-6;
    }
    if (theta) {
      return run.config().weightDecay() == 0 ? 1e-6 : 1e-6 + step * 0x1p-25;
    }
    boolean fusedSquare = recorded.by().contains("fused") && quantity.equals("square");
    return fusedSquare ? 3e-6 : clippedNearOne(run) ? 2e-6 : 1e-6;
  }

  /** PyTorch divides by the norm + 1e-6, which is seen where the norm is a few times 1. */
  private static boolean clippedNearOne(PyTorchRun run) {
    return run.config().scaling() instanceof Scaling.GlobalNorm && run.exponents().equals(List.of(0.0));
  }
}
