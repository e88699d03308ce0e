package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.CallOrderException;
import io.nlar.DType;
import io.nlar.DeviceException;
import io.nlar.Restore;
import io.nlar.StepConfig;
import io.nlar.StepFailedException;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A device that fails in the middle of a change poisons the step and nothing else; one that fails before, nothing. */
class FailedStepTest {
  private static final List<GroupSpec> GROUPS =
      List.of(GroupSpec.of(StepConfig.nlarsm(), DType.FLOAT32, new TensorSpec("w", 3)));

  @Test
  void everyLaterCallSaysWhy() {
    Sabotage failing = new Sabotage() {
      @Override
      public void afterApply(ReferenceStep step) {
        throw new IllegalStateException("the device fell off the bus");
      }
    };
    try (ReferenceDevice device = new ReferenceDevice(failing);
        DeviceModel model = new DeviceModel(device, GROUPS, Layout.ALLOCATED)) {
      List<Executable> calls = List.of(() -> model.step().run(1, 1), () -> model.step().run(1, 1), model.step()::stats,
          model.step()::reduce, () -> model.step().await(1), () -> model.step().rebind(List.of()));
      for (Executable call : calls) {
        StepFailedException failure = assertThrows(StepFailedException.class, call);
        assertTrue(failure.getMessage().contains("fell off the bus"), failure.getMessage());
      }
      assertDoesNotThrow(() -> device.allocate(DType.FLOAT64, 1).close());
    }
  }

  @Test
  void aReductionThatFailedLeavesNoSums() {
    boolean[] broken = {false};
    Sabotage failing = new Sabotage() {
      @Override
      public void afterReduce(ReferenceStep step) {
        failWhere(broken);
      }
    };
    try (ReferenceDevice device = new ReferenceDevice(failing);
        DeviceModel model = new DeviceModel(device, GROUPS, Layout.ALLOCATED)) {
      model.step().reduce();
      broken[0] = true;
      DeviceException failure = assertThrows(DeviceException.class, model.step()::reduce);
      assertTrue(failure.getMessage().contains("nothing was changed: java.lang.IllegalStateException: the device fell"),
          failure.getMessage());
      assertThrows(CallOrderException.class, model.step()::apply);
      broken[0] = false;
      model.step().run(1, 1);
      assertEquals(1, model.step().stats().applied());
    }
  }

  @Test
  void aRestoreThatFailsHalfWaySaysSo(@TempDir Path folder) throws IOException {
    boolean[] broken = {false};
    Sabotage failing = new Sabotage() {
      @Override
      public void beforeWrite() {
        failWhere(broken);
      }
    };
    Path file = folder.resolve("state");
    try (ReferenceDevice device = new ReferenceDevice(failing);
        DeviceModel model = new DeviceModel(device, GROUPS, Layout.ALLOCATED)) {
      model.step().save(file);
      broken[0] = true;
      String message = assertThrows(StepFailedException.class, () -> model.step().restore(file, Restore.STRICT))
          .getMessage();
      assertTrue(message.contains("restoring from " + file) && message.contains("off the bus"), message);
      broken[0] = false;
      message = assertThrows(StepFailedException.class, model.step()::run).getMessage();
      assertTrue(message.contains("off the bus"), message);
    }
  }

  private static void failWhere(boolean[] broken) {
    if (broken[0]) {
      throw new IllegalStateException("the device fell off the bus");
    }
  }
}
