package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.NonFinite;
import io.nlar.NonFiniteGradientException;
import io.nlar.StepConfig;
import io.nlar.cuda.interpreter.Schedule;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A run that was captured goes on with every replay as a run of its own would: nothing of it was left on the host. */
class PtxGraphTest {
  private static final List<GroupSpec> GROUPS = List.of(
      GroupSpec.of(StepConfig.nlarcm().withNonFinite(NonFinite.FAIL), DType.FLOAT32, new TensorSpec("a", 5000, true),
          new TensorSpec("b", 3)),
      GroupSpec.of(StepConfig.nlarsm(), DType.FLOAT64, new TensorSpec("c", 1025)));

  @Test
  void replaysGoOnWithTheStepNumberAndSeeTheControlBlock() {
    PtxDriver driver = new PtxDriver(Schedule.of(Schedule.Order.RANDOM), false);
    ReferenceStep reference = new ReferenceStep(GROUPS);
    SplittableRandom random = new SplittableRandom(1);
    try (Device device = driver.open(); DeviceModel model = new DeviceModel(device, GROUPS, Layout.SLICED)) {
      fill(reference, random);
      model.setValues(reference);
      model.setGradients(reference);
      reference.run();
      model.step().run();
      long[] ticket = new long[1];
      Runnable replay = driver.capture(() -> ticket[0] = model.step().run());
      assertEquals(Optional.empty(), BitComparison.difference("a capture runs nothing", 1, reference, model));
      for (int number = 1; number <= 6; number++) {
        reference.tensors().forEach(tensor ->
            Arrays.setAll(tensor.gradient(), i -> tensor.type().round(random.nextGaussian())));
        if (number == 4) {
          reference.tensor("b").gradient()[2] = Double.NaN;
        }
        model.setGradients(reference);
        double factor = 1.0 / number;
        HostValues.write(model.step().control().slice(Control.RATE_FACTOR.ordinal(), 1), factor);
        reference.run(1, factor);
        replay.run();
        assertEquals(Optional.empty(), BitComparison.difference("replay", number, reference, model));
        if (number < 4) {
          model.step().await(ticket[0]);
        } else {
          // All replays bear the one ticket of the captured run.
          assertThrows(NonFiniteGradientException.class, () -> model.step().await(ticket[0]));
        }
      }
      assertEquals(6, model.step().stats().applied());
      assertEquals(1, model.step().stats().skipped());
    }
  }

  private static void fill(ReferenceStep reference, SplittableRandom random) {
    for (ReferenceTensor tensor : reference.tensors()) {
      Arrays.setAll(tensor.value(), i -> tensor.type().round(random.nextGaussian()));
      Arrays.setAll(tensor.gradient(), i -> tensor.type().round(random.nextGaussian()));
    }
  }
}
