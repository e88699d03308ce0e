package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.StepConfig;
import io.nlar.StepFailedException;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A device that fails in mid-update poisons the step, and only the step. */
class FailedStepTest {

  @Test
  void everyLaterCallSaysWhy() {
    Sabotage failing = new Sabotage() {
      @Override
      public void afterApply(ReferenceStep step) {
        throw new IllegalStateException("the device fell off the bus");
      }
    };
    List<GroupSpec> groups = List.of(GroupSpec.of(StepConfig.nlarsm(), DType.FLOAT32, new TensorSpec("w", 3)));
    try (ReferenceDevice device = new ReferenceDevice(failing);
        DeviceModel model = new DeviceModel(device, groups, Layout.ALLOCATED)) {
      List<Executable> calls = List.of(() -> model.step().run(1, 1), () -> model.step().run(1, 1), model.step()::stats,
          model.step()::reduce, () -> model.step().await(1), () -> model.step().rebind(List.of()));
      for (Executable call : calls) {
        StepFailedException failure = assertThrows(StepFailedException.class, call);
        assertTrue(failure.getMessage().contains("fell off the bus"), failure.getMessage());
      }
      assertDoesNotThrow(() -> device.allocate(DType.FLOAT64, 1).close());
    }
  }
}
