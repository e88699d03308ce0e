package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A step allocates no Java heap, on any of its threads, once it is compiled. */
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int STEPS = 2000;
  private static final int ROUNDS = 30;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aStepAllocatesNothing(int threads) {
    for (StepConfig config : List.of(StepConfig.nlarsm(), StepConfig.nlarcm().withScaling(new Scaling.TensorNorm(1)),
        StepConfig.nlarpm().withNoise(new Noise.Fresh(1)).withScaling(new Scaling.Soft(1)).withWeightDecay(0.1))) {
      assertNothingIsAllocated(threads, config);
    }
  }

  @Test
  void theDefaultStepAllocatesNothingOnHeapMemory() {
    assertNothingIsAllocated(1, StepConfig.nlarcm());
  }

  static void assertNothingIsAllocated(int threads, StepConfig config) {
    float[] values = new float[1500];
    float[] gradients = new float[1500];
    java.util.Arrays.fill(gradients, 0.25f);
    try (Device device = Devices.open(threads);
        Step step = device.compile(List.of(new ParameterGroup(config, List.of(
            new Parameter("heap", device.wrap(DType.FLOAT32, MemorySegment.ofArray(values)),
                device.wrap(DType.FLOAT32, MemorySegment.ofArray(gradients))),
            new Parameter("native", device.allocate(DType.FLOAT32, 1100), device.allocate(DType.FLOAT32, 1100))))))) {
      double least = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS && least >= 1; round++) {
        long before = THREADS.getTotalThreadAllocatedBytes();
        for (int i = 0; i < STEPS; i++) {
          step.await(step.run(1, 1));
        }
        least = Math.min(least, (double) (THREADS.getTotalThreadAllocatedBytes() - before) / STEPS);
      }
      assertTrue(least < 1, "at least " + least + " bytes a step, under " + config);
    }
  }
}
