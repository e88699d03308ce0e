package io.nlar.experiments;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * DoG, distance over gradients (Ivgi, Hinder and Carmon 2023, arXiv 2302.12022), over all tensors as one vector, with the
 * constants of its authors' code. r̄ is the largest distance from the first values θ0 so far:
 *
 * <pre>
 * r̄ = rε·(1 + ‖θ0‖) in the first step, then max(r̄, ‖θ − θ0‖)
 * G ← G + ‖g‖², 1e-8 before the first step
 * θ ← θ − r̄/√G·g
 * </pre>
 *
 * <p>What is evaluated is, as its authors ask for, the average of the values after each step t by polynomial decay (Shamir and
 * Zhang 2013) with γ = 8: θ̄ ← (1 − w)·θ̄ + w·θ, w = (1 + γ)/(t + γ). Tensors that are not trained, as batch normalisation
 * has them, are averaged alike, as in the authors' code.
 */
final class DogStep extends ClippedStep {
  /** rε of the authors' code. They advise 1e-4 for networks with batch normalisation. */
  static final double DEFAULT_DISTANCE = 1e-6;
  private static final double FIRST_SQUARES = 1e-8;
  private static final double GAMMA = 8;
  /** For people. */
  static final String SETTINGS = "initial rates are rε, relative to 1 + the norm of the first values; evaluated is the average by"
      + " polynomial decay, γ = " + GAMMA;

  /** A tensor and its average. */
  private record Averaged(NDArray values, NDArray average) {}

  private final List<NDArray> untrained;
  private final List<NDArray> starts = new ArrayList<>();
  private final List<Averaged> averages = new ArrayList<>();
  /** The values that gradients are taken at, while others are evaluated; else empty. */
  private final List<NDArray> kept = new ArrayList<>();
  private final double firstDistance;
  private double distance;
  private double squares = FIRST_SQUARES;
  private double rate;
  private int t;

  /**
   * A step.
   *
   * @param distance rε
   * @param parameters the network's; those that are not trained are averaged too
   */
  DogStep(double distance, Collection<Parameter> parameters) {
    this.firstDistance = distance;
    this.rate = distance;
    this.untrained = parameters.stream().filter(parameter -> !parameter.requiresGradient()).map(Parameter::getArray).toList();
  }

  @Override
  void prepare(List<NDArray> weights) {
    weights.forEach(weight -> {
      starts.add(copy(weight));
      averages.add(new Averaged(weight, zeros(weight)));
    });
    untrained.forEach(array -> averages.add(new Averaged(array, zeros(array))));
  }

  @Override
  void update(List<Parameter> parameters, List<NDArray> gradients, NDManager scope) {
    double moved = 0;
    for (int i = 0; i < gradients.size(); i++) {
      // In the first step the distance from the origin.
      NDArray weight = parameters.get(i).getArray();
      moved += sum(t == 0 ? in(scope, weight.square()) : in(scope, weight.sub(starts.get(i))).powi(2));
      squares += sum(in(scope, gradients.get(i).square()));
    }
    distance = t == 0 ? firstDistance * (1 + Math.sqrt(moved)) : Math.max(distance, Math.sqrt(moved));
    rate = distance / Math.sqrt(squares);
    for (int i = 0; i < gradients.size(); i++) {
      parameters.get(i).getArray().subi(in(scope, gradients.get(i).mul(rate)));
    }
    t++;
    double weight = (1 + GAMMA) / (t + GAMMA);
    for (Averaged tensor : averages) {
      tensor.average.muli(1 - weight).addi(in(scope, tensor.values.mul(weight)));
    }
  }

  @Override
  public void evaluate() {
    for (Averaged tensor : averages) {
      kept.add(copy(tensor.values));
      fill(tensor.values, tensor.average);
    }
  }

  @Override
  public void train() {
    for (int i = 0; i < kept.size(); i++) {
      fill(averages.get(i).values, kept.get(i));
      kept.get(i).close();
    }
    kept.clear();
  }

  /** r̄/√G; rε before the first step. */
  @Override
  public double[] rateQuartiles() {
    return new double[] {rate, rate, rate};
  }
}
