package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import io.nlar.testkit.process.ResidentMemory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Long runs and many openings: the bits stay right, memory and threads stay where they were. */
public interface SoakContract extends ContractSupport {
  /** Of each of its tensors a cycle takes at least 64 KiB: thousands of lost ones are more than what is allowed. */
  int LENGTH = 1 << 14;

  @Test
  @Tag("slow")
  default void aHundredThousandStepsKeepTheBits() {
    List<GroupSpec> groups = List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(), new TensorSpec("w", 200)));
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      for (int block = 1; block <= 100; block++) {
        feedEqually(reference, model, block);
        for (int i = 0; i < 1000; i++) {
          reference.run(1, 1);
          model.step().run(1, 1);
        }
        assertSameBits("soak", block * 1000, reference, model);
      }
      assertEquals(100_000, model.step().stats().applied());
    }
  }

  @Test
  @Tag("slow")
  default void tenThousandCyclesLeaveMemoryAndThreadsFlat() throws IOException {
    cycles(2000);
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();
    long before = nativeMemory();
    cycles(4000);
    long halfWay = nativeMemory();
    cycles(4000);
    assertTrue(ManagementFactory.getThreadMXBean().getThreadCount() <= threads + 2,
        () -> "threads grew from " + threads + " to " + ManagementFactory.getThreadMXBean().getThreadCount());
    // What leaks grows in both halves; heap that was committed and is touched later seems to grow once.
    long grown = Math.min(halfWay - before, nativeMemory() - halfWay);
    assertTrue(grown < 150L << 20, () -> "native memory grew by " + (grown >> 20) + " MiB in 4000 cycles");
  }

  private void cycles(int count) {
    for (int i = 0; i < count; i++) {
      if (i % 20 == 0) {
        try (Device own = openAnother()) {
          // Left to the device to close.
          cycle(own);
        }
      } else {
        cycle(device());
      }
    }
  }

  private void cycle(Device device) {
    Buffer value = device.allocate(anyType(), LENGTH);
    Buffer gradient = device.allocate(anyType(), LENGTH);
    Step step = device.compile(List.of(
        new ParameterGroup(StepConfig.nlarsm(), List.of(new Parameter("w", value, gradient)))));
    step.await(step.run(1, 1));
    if (device == device()) {
      step.close();
      value.close();
      gradient.close();
    }
  }

  /** Resident memory outside the Java heap, where the system tells; else 0. */
  private static long nativeMemory() throws IOException {
    long resident = ResidentMemory.bytes();
    return resident == 0 ? 0 : resident - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
  }
}
