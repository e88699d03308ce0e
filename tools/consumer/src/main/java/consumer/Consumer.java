package consumer;

import io.nlar.ArrayStep;
import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.StepConfig;
import java.util.Arrays;

/** Prints which backends are found, and trains three weights on the CPU. */
public class Consumer {
  public static void main(String[] args) {
    System.out.println("found " + Backends.probe().keySet());
    float[] weights = {0, 0, 0};
    float[] gradients = new float[3];
    float[] target = {3, -1, 2};
    try (Device device = Backends.open("cpu");
        ArrayStep step = ArrayStep.builder(StepConfig.nlarcm()).add("weights", weights, gradients).on(device).open()) {
      for (int i = 0; i < 500; i++) {
        for (int j = 0; j < 3; j++) {
          gradients[j] = 2 * (weights[j] - target[j]);
        }
        step.run();
      }
    }
    int[] rounded = new int[3];
    for (int j = 0; j < 3; j++) {
      rounded[j] = Math.round(weights[j]);
    }
    System.out.println("trained " + Arrays.toString(rounded));
    if (args.length > 0) {
      Backends.open(args[0]).close(); // fails, and says why
    }
  }
}
