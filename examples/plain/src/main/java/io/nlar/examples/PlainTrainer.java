package io.nlar.examples;

import io.nlar.ArrayStep;
import io.nlar.StepConfig;
import java.util.Arrays;
import java.util.Random;

/**
 * A trainer in plain Java: a network with one hidden layer learns whether a point lies in a ring.
 *
 * <p>Needs nlar-cpu. Run it with
 * {@code --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED}.
 */
public final class PlainTrainer {
  private static final int POINTS = 500;
  private static final int HIDDEN = 16;
  private static final int EPOCHS = 1000;

  private final float[] x = new float[POINTS];
  private final float[] y = new float[POINTS];
  private final boolean[] inRing = new boolean[POINTS];

  // The parameters, and a gradient for each. A step takes any number of arrays of any length.
  private final float[] in = new float[HIDDEN * 3]; // for each hidden unit: weights of x and y, bias
  private final float[] inGradient = new float[in.length];
  private final float[] out = new float[HIDDEN + 1]; // weights of the hidden units, bias
  private final float[] outGradient = new float[out.length];

  private final float[] hidden = new float[HIDDEN];

  private PlainTrainer(Random random) {
    for (int i = 0; i < POINTS; i++) {
      x[i] = 2 * random.nextFloat() - 1;
      y[i] = 2 * random.nextFloat() - 1;
      double radius = Math.hypot(x[i], y[i]);
      inRing[i] = radius > 0.4 && radius < 0.9;
    }
    for (int i = 0; i < in.length; i++) {
      in[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) random.nextGaussian() / 4;
    }
  }

  /** The probability that the network sees for a point to lie in the ring. */
  private double forward(int point) {
    double sum = out[HIDDEN];
    for (int j = 0; j < HIDDEN; j++) {
      hidden[j] = (float) Math.tanh(in[3 * j] * x[point] + in[3 * j + 1] * y[point] + in[3 * j + 2]);
      sum += out[j] * hidden[j];
    }
    return 1 / (1 + Math.exp(-sum));
  }

  /** Adds the gradient of the mean cross-entropy at one point. */
  private void backward(int point) {
    float error = (float) ((forward(point) - (inRing[point] ? 1 : 0)) / POINTS);
    outGradient[HIDDEN] += error;
    for (int j = 0; j < HIDDEN; j++) {
      outGradient[j] += error * hidden[j];
      float inner = error * out[j] * (1 - hidden[j] * hidden[j]);
      inGradient[3 * j] += inner * x[point];
      inGradient[3 * j + 1] += inner * y[point];
      inGradient[3 * j + 2] += inner;
    }
  }

  private double accuracy() {
    int right = 0;
    for (int i = 0; i < POINTS; i++) {
      right += forward(i) > 0.5 == inRing[i] ? 1 : 0;
    }
    return (double) right / POINTS;
  }

  /** Trains and prints how many points are told right. */
  public static void main(String[] args) {
    PlainTrainer trainer = new PlainTrainer(new Random(1));
    try (ArrayStep step = ArrayStep.builder(StepConfig.nlarcm())
        .add("in", trainer.in, trainer.inGradient)
        .add("out", trainer.out, trainer.outGradient)
        .open()) {
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        Arrays.fill(trainer.inGradient, 0);
        Arrays.fill(trainer.outGradient, 0);
        for (int i = 0; i < POINTS; i++) {
          trainer.backward(i);
        }
        step.run();
      }
    }
    System.out.println("accuracy " + trainer.accuracy());
  }
}
