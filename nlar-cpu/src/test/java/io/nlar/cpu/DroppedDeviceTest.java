package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.ArrayStep;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is not closed and not referred to is freed by the garbage collector; what is referred to in part is not. */
@Timeout(60)
class DroppedDeviceTest {
  private static final int ELEMENTS = 1 << 20;
  private static final long BYTES = 5L * ELEMENTS * Float.BYTES;

  @Test
  void aDroppedDeviceIsReleasedWithItsBuffersStepsAndThreads() throws InterruptedException {
    long held = NativeMemory.held();
    long threads = threads();
    for (int i = 0; i < 3; i++) {
      compileAndRun();
    }
    assertTrue(NativeMemory.held() >= held + BYTES, "it was not freed while it was used");
    assertEventually(() -> NativeMemory.held() <= held && threads() <= threads, "memory or threads were not given back");
  }

  @Test
  void aViewOfTheStateKeepsAllThatItNeeds() throws InterruptedException {
    long held = NativeMemory.held();
    Buffer rates = compileAndRun().state("w", Slot.WEIGHT);
    double[] before = HostValues.read(rates);
    for (int i = 0; i < 5; i++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(20);
      assertArrayEquals(before, HostValues.read(rates));
    }
    assertTrue(NativeMemory.held() >= held + BYTES, "freed in use");
    rates.device().close();
    assertTrue(NativeMemory.held() <= held, "not freed by close");
  }

  @Test
  void aDroppedArrayStepIsReleased() throws InterruptedException {
    long held = NativeMemory.held();
    System.setProperty("nlar.device", "cpu");
    try {
      ArrayStep.builder(StepConfig.nlarcm()).add("w", new float[ELEMENTS], new float[ELEMENTS]).open().run();
    } finally {
      System.clearProperty("nlar.device");
    }
    assertEventually(() -> NativeMemory.held() <= held, "memory was not given back");
  }

  private static Step compileAndRun() {
    Device device = Devices.open(3);
    Buffer value = device.allocate(DType.FLOAT32, ELEMENTS);
    Buffer gradient = device.allocate(DType.FLOAT32, ELEMENTS);
    double[] ones = new double[ELEMENTS];
    Arrays.fill(ones, 1);
    HostValues.write(gradient, ones);
    Step step = device.compile(List.of(
        new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w", value, gradient)))));
    step.run();
    assertEquals(1, step.stats().applied());
    return step;
  }

  private static void assertEventually(BooleanSupplier condition, String otherwise) throws InterruptedException {
    for (int i = 0; i < 100 && !condition.getAsBoolean(); i++) {
      System.gc();
      TimeUnit.MILLISECONDS.sleep(50);
    }
    assertTrue(condition.getAsBoolean(), otherwise);
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("nlar-cpu-"))
        .count();
  }
}
