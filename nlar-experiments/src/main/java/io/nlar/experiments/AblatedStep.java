package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import io.nlar.Estimator;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Nlarsm and Nlarcm with other learning rates than their own, element by element as "The update" in docs/numerics.md has
 * it, in binary64 and without noise: with one γ for each tensor, or with a γ that never moves. For comparisons; rules that
 * users train with are the library's.
 */
final class AblatedStep implements TrainingStep {
  /** Where γ comes from. */
  enum Rates {
    /** Every element has its own: the optimizer itself. */
    ELEMENT,
    /** A tensor's elements share one: its estimate takes Σ w·f² and Σ w·f·u over the tensor. */
    TENSOR,
    /** All have the same, always. */
    FROZEN
  }

  private final Estimator estimator;
  private final StepConfig config;
  private final Rates rates;
  private final double firstRate;
  private final boolean normalised;
  private final List<Tensor> tensors = new ArrayList<>();
  private double norm = Double.NaN;
  private long t;

  /**
   * A step.
   *
   * @param config Nlarsm or Nlarcm, with its momentum and the bound of its scaling, which is by the global norm
   * @param firstRate γ at first, or always
   * @param normalised whether gradients below the bound are scaled up to it
   */
  AblatedStep(StepConfig config, Rates rates, double firstRate, boolean normalised) {
    this.config = config;
    this.estimator = (Estimator) config.rule();
    this.rates = rates;
    this.firstRate = firstRate;
    this.normalised = normalised;
  }

  /** A tensor's state: velocity, rates and evidence of its elements, and room for a step. */
  private final class Tensor {
    private final HostTensor values;
    private final double[] theta;
    private final double[] g;
    private final double[] velocity;
    /** One an element, or one for all. */
    private final double[] gamma;
    private final double[] evidence;

    Tensor(NDArray array) {
      values = new HostTensor(array);
      int n = values.length();
      theta = new double[n];
      g = new double[n];
      velocity = new double[n];
      gamma = new double[rates == Rates.ELEMENT ? n : 1];
      Arrays.fill(gamma, firstRate);
      evidence = new double[gamma.length];
    }

    void update(double factor, double decay) {
      values.read(theta);
      double sigma = estimator.noiseScale();
      boolean clips = estimator instanceof Estimator.Nlarcm;
      double prior = clips ? estimator.priorWeight() * sigma * sigma : estimator.priorWeight();
      double mu = config.momentum().momentum();
      double observed = 0;
      double unpredicted = 0;
      for (int i = 0; i < g.length; i++) {
        double f = g[i] * factor;
        if (clips && Math.abs(f) < sigma * 0x1p-60) {
          f = 0;
        }
        double r = clips && f != 0 && Math.abs(f) < sigma ? Math.abs(f) / sigma : 1;
        double m = r * r * decay;
        double h = Math.abs(velocity[i]) + m + (clips ? 0 : sigma);
        double wf = f / (r * r);
        int at = gamma.length == 1 ? 0 : i;
        double rate = gamma[at];
        double u = h > 0 ? mu * m / ((1 + Math.abs(rate)) * h) * velocity[i] : 0;
        velocity[i] = u - rate * f;
        theta[i] += velocity[i];
        if (rates == Rates.ELEMENT && f != 0) {
          evidence[i] += wf * f;
          gamma[i] -= wf * u / (prior + evidence[i]);
        }
        observed += wf * f;
        unpredicted += wf * u;
      }
      if (rates == Rates.TENSOR && observed != 0) {
        evidence[0] += observed;
        gamma[0] -= unpredicted / (prior + evidence[0]);
      }
      values.write(theta);
    }
  }

  @Override
  public void step(List<Parameter> parameters) {
    if (tensors.isEmpty()) {
      parameters.forEach(parameter -> tensors.add(new Tensor(parameter.getArray())));
    }
    double squares = 0;
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      try (NDArray gradient = parameters.get(i).getArray().getGradient()) {
        new HostTensor(gradient).read(tensor.g);
        gradient.subi(gradient); // zeroed, as DJL does it
      }
      for (double x : tensor.g) {
        squares += x * x;
      }
    }
    norm = Math.sqrt(squares);
    double bound = config.scaling().bound();
    double factor = norm > bound || normalised && norm > 0 ? bound / norm : 1;
    double decay = config.momentum().decay(++t);
    tensors.forEach(tensor -> tensor.update(factor, decay));
  }

  @Override
  public double norm() {
    return norm;
  }

  @Override
  public void rates(List<Parameter> parameters, RateSink sink) {
    for (Tensor tensor : tensors) {
      int each = tensor.g.length / tensor.gamma.length;
      for (double rate : tensor.gamma) {
        sink.add(rate, each);
      }
    }
  }

  @Override
  public double[] rateQuartiles() {
    double[] all = tensors.stream().flatMapToDouble(tensor -> tensor.gamma.length == tensor.g.length
        ? Arrays.stream(tensor.gamma) : Arrays.stream(tensor.g).map(x -> tensor.gamma[0])).sorted().toArray();
    return new double[] {all[all.length / 4], all[all.length / 2], all[(int) (3L * all.length / 4)]};
  }

  @Override
  public void close() {
    // Its state is on Java's heap.
  }
}
