package io.nlar.experiments;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.Arrays;
import java.util.List;

/**
 * The network 4-128-2 with ReLU over plain arrays, forward and backward, in binary64. An update of so small a network
 * through a framework is mostly the framework's calls: over arrays it takes a tenth of the time.
 *
 * <p>Inputs, units and values of a batch are laid out as in {@link ReplayBuffer.Batch}: an array for each of them, over
 * the batch, so that Java can vectorize the innermost loops.
 */
final class QNetwork {
  static final int HIDDEN = 128;
  private static final int INPUTS = CartPoleSystem.SIZE;
  private static final int ACTIONS = CartPoleSystem.ACTIONS;

  /** Weights and biases of the hidden layer, then of the output: as the parameters of {@link #block}. */
  private final double[][] values = tensors();
  private final double[][] gradients = tensors();

  private static double[][] tensors() {
    return new double[][] {new double[HIDDEN * INPUTS], new double[HIDDEN], new double[ACTIONS * HIDDEN],
        new double[ACTIONS]};
  }

  /** The same network in DJL, whose parameters optimizers work on. */
  static Block block() {
    return new SequentialBlock().add(Linear.builder().setUnits(HIDDEN).build())
        .add((NDList list) -> Activation.relu(list)).add(Linear.builder().setUnits(ACTIONS).build());
  }

  /** Takes the weights of the block's parameters. */
  void read(List<HostTensor> parameters) {
    for (int i = 0; i < values.length; i++) {
      parameters.get(i).read(values[i]);
    }
  }

  void copyFrom(QNetwork other) {
    for (int i = 0; i < values.length; i++) {
      System.arraycopy(other.values[i], 0, values[i], 0, values[i].length);
    }
  }

  /** Hands the gradients of the last {@link #backward} over. */
  void writeGradients(List<HostTensor> targets) {
    for (int i = 0; i < gradients.length; i++) {
      targets.get(i).write(gradients[i]);
    }
  }

  /** Adds the gradient of {@code factor}·Σw² over the weights. */
  void addPenalty(List<Parameter> parameters, double factor) {
    for (int i = 0; i < gradients.length; i++) {
      if (parameters.get(i).getType() == Parameter.Type.WEIGHT) {
        for (int j = 0; j < gradients[i].length; j++) {
          gradients[i][j] += 2 * factor * values[i][j];
        }
      }
    }
  }

  /**
   * Room for what a batch makes of a network.
   *
   * @param hidden the hidden units, each over the batch
   * @param values the actions' values, each over the batch
   */
  record Pass(double[][] hidden, double[][] values) {
    Pass(int size) {
      this(new double[HIDDEN][size], new double[ACTIONS][size]);
    }

    /** The action of the highest value. */
    int best(int sample) {
      return values[1][sample] > values[0][sample] ? 1 : 0;
    }
  }

  /** Values of all actions in the states {@code x}. */
  void forward(double[][] x, Pass pass) {
    for (int a = 0; a < ACTIONS; a++) {
      Arrays.fill(pass.values[a], values[3][a]);
    }
    for (int j = 0; j < HIDDEN; j++) {
      double[] unit = pass.hidden[j];
      hidden(x[0], x[1], x[2], x[3], j, unit);
      for (int a = 0; a < ACTIONS; a++) {
        addTo(pass.values[a], values[2][a * HIDDEN + j], unit);
      }
    }
  }

  private void hidden(double[] x0, double[] x1, double[] x2, double[] x3, int j, double[] unit) {
    double bias = values[1][j];
    double w0 = values[0][j * INPUTS];
    double w1 = values[0][j * INPUTS + 1];
    double w2 = values[0][j * INPUTS + 2];
    double w3 = values[0][j * INPUTS + 3];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = Math.max(0, bias + w0 * x0[i] + w1 * x1[i] + w2 * x2[i] + w3 * x3[i]);
    }
  }

  private static void addTo(double[] sum, double weight, double[] unit) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += weight * unit[i];
    }
  }

  /**
   * Gradients of a loss after {@link #forward}.
   *
   * @param slopes derivative of the loss by every value, laid out as they are
   */
  void backward(double[][] x, Pass pass, double[][] slopes) {
    for (int a = 0; a < ACTIONS; a++) {
      double sum = 0;
      for (double slope : slopes[a]) {
        sum += slope;
      }
      gradients[3][a] = sum;
    }
    for (int j = 0; j < HIDDEN; j++) {
      backward(x[0], x[1], x[2], x[3], j, pass.hidden[j], slopes[0], slopes[1]);
    }
  }

  /** The sums of one hidden unit: in one loop, so that they do not wait for each other. */
  private void backward(double[] x0, double[] x1, double[] x2, double[] x3, int j, double[] unit, double[] left,
      double[] right) {
    double leftWeight = values[2][j];
    double rightWeight = values[2][HIDDEN + j];
    double leftSum = 0;
    double rightSum = 0;
    double bias = 0;
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int i = 0; i < unit.length; i++) {
      leftSum += left[i] * unit[i];
      rightSum += right[i] * unit[i];
      double slope = unit[i] > 0 ? leftWeight * left[i] + rightWeight * right[i] : 0;
      bias += slope;
      s0 += slope * x0[i];
      s1 += slope * x1[i];
      s2 += slope * x2[i];
      s3 += slope * x3[i];
    }
    gradients[2][j] = leftSum;
    gradients[2][HIDDEN + j] = rightSum;
    gradients[1][j] = bias;
    gradients[0][j * INPUTS] = s0;
    gradients[0][j * INPUTS + 1] = s1;
    gradients[0][j * INPUTS + 2] = s2;
    gradients[0][j * INPUTS + 3] = s3;
  }
}
