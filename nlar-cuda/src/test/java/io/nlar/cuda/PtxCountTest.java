package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.StepConfig;
import io.nlar.cuda.interpreter.Kernel;
import io.nlar.cuda.interpreter.Schedule;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How many instructions of PTX a step takes an element, on ordinary numbers in aligned tensors. What a thread does once is
 * in it too: with the 16 elements of each that is 9 of the update's.
 */
class PtxCountTest {
  /** Chunks enough that each is one thread block's, as in any large model. */
  private static final int LENGTH = 300 * LaunchShape.CHUNK;

  @ParameterizedTest
  @CsvSource({"nlar_apply_f32_nlarcm_momentum, 77", "nlar_square_sum_f32, 7.6"})
  void anElementTakesFewInstructions(String kernel, double most) {
    long[] counts = new long[2];
    PtxDriver driver = new PtxDriver(Schedule.of(Schedule.Order.ASCENDING), false) {
      @Override
      void launched(Kernel launched, long[] executed) {
        for (int i = 0; i < executed.length && launched.name().equals(kernel); i++) {
          counts[0] += executed[i];
          counts[1] += launched.instructions().get(i).contains("bra") ? executed[i] : 0;
        }
      }
    };
    List<GroupSpec> groups =
        List.of(GroupSpec.of(StepConfig.nlarcm(), DType.FLOAT32, new TensorSpec("w", LENGTH)));
    ReferenceStep reference = new ReferenceStep(groups);
    SplittableRandom random = new SplittableRandom(1);
    Arrays.setAll(reference.tensor("w").gradient(), i -> (float) random.nextGaussian());
    try (Device device = driver.open(); DeviceModel model = new DeviceModel(device, groups, Layout.ALLOCATED)) {
      model.setGradients(reference);
      model.step().run(1, 1);
      Arrays.fill(counts, 0);
      model.step().run(1, 1);
    }
    double each = (double) counts[0] / LENGTH;
    String text = kernel + ": " + each + " instructions an element, " + (double) counts[1] / LENGTH + " of them branches";
    assertTrue(each > 1 && each <= most, text);
  }
}
