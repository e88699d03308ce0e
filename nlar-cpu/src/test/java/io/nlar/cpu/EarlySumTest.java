package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gradient whose sum was taken early is not read for it again: that is what it is for. */
class EarlySumTest {

  /** Of one block, of one chunk, and cut up among threads. */
  @ParameterizedTest
  @ValueSource(ints = {7, 1000, 5000, 3_000_001})
  void theReductionDoesNotReadTheGradientAgain(int length) {
    float[] first = new float[length];
    float[] second = new float[length];
    Arrays.fill(first, 1);
    Arrays.fill(second, 3);
    try (Device device = Devices.open(2);
        Buffer gradient = device.allocate(DType.FLOAT32, length);
        Step step = device.compile(List.of(new ParameterGroup(StepConfig.nlarcm(),
            List.of(new Parameter("w", device.allocate(DType.FLOAT32, length), gradient)))))) {
      gradient.copyFrom(MemorySegment.ofArray(first));
      step.reduce(0);
      gradient.copyFrom(MemorySegment.ofArray(second));
      step.reduce();
      assertEquals(length, sum(step), "the early sum");
      step.reduce();
      assertEquals(9.0 * length, sum(step), "it counts for one reduction");

      step.reduce(0);
      step.reconfigure(0, step.config(0).withLearningRate(0.5));
      gradient.copyFrom(MemorySegment.ofArray(first));
      step.reduce();
      assertEquals(length, sum(step), "forgotten with the settings");
    }
  }

  private static double sum(Step step) {
    double[] sums = new double[2];
    step.sumsOfSquares().copyTo(MemorySegment.ofArray(sums));
    return sums[0];
  }
}
