package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.LossScale;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many kernels a step launches. */
class LaunchCountTest {
  private CountingQueue queue;

  private OpenClDevice open() {
    return TestDevices.open(handle -> queue = new CountingQueue(handle));
  }

  private int launchesOf(OpenClDevice device, ParameterGroup... groups) {
    try (Step step = device.compile(List.of(groups))) {
      queue.launches = 0;
      step.run(1, 1);
      return queue.launches;
    }
  }

  private static ParameterGroup slices(StepConfig config, Buffer values, Buffer gradients, int from, int to) {
    List<Parameter> parameters = new ArrayList<>();
    for (int i = from; i < to; i++) {
      parameters.add(new Parameter("w" + i, values.slice(i * 100L, 100), gradients.slice(i * 100L, 100)));
    }
    return new ParameterGroup(config, parameters);
  }

  @Test
  void anyNumberOfSlicesTakesOneLaunchAPass() {
    try (OpenClDevice device = open()) {
      Buffer values = device.allocate(DType.FLOAT32, 100_000);
      Buffer gradients = device.allocate(DType.FLOAT32, 100_000);
      assertEquals(2, launchesOf(device, slices(StepConfig.nlarsm(), values, gradients, 0, 1000)));
      assertEquals(1, launchesOf(device,
          slices(StepConfig.nlarsm().withScaling(new Scaling.Value(1)), values, gradients, 0, 1000)));
    }
  }

  @Test
  void groupsThatDifferInNumbersOrScalingShareALaunch() {
    try (OpenClDevice device = open()) {
      Buffer values = device.allocate(DType.FLOAT32, 3000);
      Buffer gradients = device.allocate(DType.FLOAT32, 3000);
      assertEquals(2, launchesOf(device,
          slices(StepConfig.nlarsm(), values, gradients, 0, 10),
          slices(StepConfig.nlarsm().withLearningRate(0.5).withWeightDecay(0.1), values, gradients, 10, 20),
          slices(StepConfig.nlarsm().withScaling(new Scaling.Soft(2)), values, gradients, 20, 30)));
    }
  }

  /** A loss scale looks at each step and waits for none: nothing finishes the queue. */
  @Test
  void aLossScaleWaitsForNothing() {
    try (OpenClDevice device = open();
        Step step = device.compile(List.of(new ParameterGroup(StepConfig.nlarsm(), List.of(
            new Parameter("w", device.allocate(DType.FLOAT32, 1 << 20), device.allocate(DType.FLOAT32, 1 << 20))))))) {
      LossScale scale = new LossScale(step, 1, 20);
      queue.unfinished = 0;
      for (int i = 0; i < 50; i++) {
        step.run(scale.inverse(), 1);
        scale.update();
      }
      assertEquals(100, queue.unfinished);
      for (int i = 0; i < 2; i++) { // what was asked for has come; the next brings what ended since
        queue.finish();
        scale.update();
      }
      assertTrue(scale.value() > 1, "what was looked at has come");
    }
  }

  @Test
  void eightPairsOfMemoryObjectsShareALaunch() {
    try (OpenClDevice device = open()) {
      List<Parameter> parameters = new ArrayList<>();
      for (int i = 0; i < 17; i++) {
        parameters.add(new Parameter(
            "w" + i, device.allocate(DType.FLOAT32, 10), device.allocate(DType.FLOAT32, 10)));
      }
      assertEquals(2 * 3, launchesOf(device, new ParameterGroup(StepConfig.nlarsm(), parameters)));
    }
  }
}
