package io.nlar.experiments;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.nlar.Device;
import io.nlar.Nlarsf;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.cli.WrongArgumentException;
import java.util.List;
import java.util.function.UnaryOperator;

/** What is left of Nlarsf without one of its parts: all of them settings of the library, but for what is evaluated. */
final class AveragedAblation implements Variation {
  /** A bound that no rate comes near. */
  private static final double NO_BOUND = 1e300;

  /** What is taken away. */
  private enum Part implements Labelled {
    /** Nothing. */
    WHOLE("whole", rule -> rule),
    /** f is the gradient as it comes. */
    NO_CLIPPING("no-clipping", rule -> rule) {
      @Override
      StepConfig config(double rate) {
        return super.config(rate).withScaling(new Scaling.None());
      }
    },
    /** β = 0: gradients are taken at z instead of between z and its average x. */
    NO_INTERPOLATION("no-interpolation", Part::atZ),
    /** β = 0, and z is evaluated too: an average that only the estimator sees. */
    NO_AVERAGE("no-average", Part::atZ) {
      @Override
      TrainingStep open(StepConfig config, Device device, Block block) {
        return new Last(new NlarStep(config, device, block));
      }
    },
    /** K0 = 0: a parameter's own evidence alone moves its rate. */
    NO_GROWTH("no-growth", rule -> rule.withLearning(0, rule.gain(), rule.bias())),
    /** η = 0: the evidence of the whole step alone moves the rates, which are all the same. */
    SHARED("shared", rule -> rule.withLearning(rule.growth(), 0, rule.bias())),
    /** b0 = 0. */
    NO_BIAS("no-bias", rule -> rule.withLearning(rule.growth(), rule.gain(), 0)),
    /** γmax beyond all rates. */
    NO_BOUND("no-bound", rule -> rule.withLargestRate(AveragedAblation.NO_BOUND)),
    /** Nothing is learned: γ = min(λ, γmax) in every step. */
    FROZEN_LAMBDA("frozen-lambda", rule -> rule.withLearning(0, 0, 0)),
    /** Nothing is learned: γ = γmax in every step, whatever λ. */
    FROZEN_LARGEST("frozen-largest", rule -> rule.withLearningRate(rule.largestRate()).withLearning(0, 0, 0));

    private final String label;
    private final UnaryOperator<Nlarsf> without;

    Part(String label, UnaryOperator<Nlarsf> without) {
      this.label = label;
      this.without = without;
    }

    private static Nlarsf atZ(Nlarsf rule) {
      return new Nlarsf(rule.learningRate(), 0, rule.beta2(), rule.epsilon(), rule.growth(), rule.gain(), rule.bias(),
          rule.largestRate());
    }

    StepConfig config(double rate) {
      return StepConfig.nlarsf().withRule(without.apply(new Nlarsf(rate)))
          .withScaling(new Scaling.GlobalNorm(GradientClip.BOUND));
    }

    TrainingStep open(StepConfig config, Device device, Block block) {
      return new NlarStep(config, device, block);
    }

    @Override
    public String label() {
      return label;
    }

    static Part named(String name) {
      return Labelled.named(values(), name, "of nlarsf to take away");
    }
  }

  /** A step whose values to evaluate are those that gradients are taken at. */
  private record Last(TrainingStep step) implements TrainingStep {
    @Override
    public void step(List<Parameter> parameters) {
      step.step(parameters);
    }

    @Override
    public double norm() {
      return step.norm();
    }

    @Override
    public long skipped() {
      return step.skipped();
    }

    @Override
    public void rates(List<Parameter> parameters, RateSink sink) {
      step.rates(parameters, sink);
    }

    @Override
    public double[] rateQuartiles() {
      return step.rateQuartiles();
    }

    @Override
    public void close() {
      step.close();
    }
  }

  @Override
  public String label() {
    return "nlarsf-ablation";
  }

  @Override
  public List<String> defaults() {
    return Labelled.labels(Part.values());
  }

  @Override
  public String reference(String value) {
    return Part.WHOLE.label;
  }

  @Override
  public void check(OptimizerChoice choice, double rate, String value) {
    if (!choice.name().equals("nlarsf")) {
      throw new WrongArgumentException("nlarsf has parts of its own; take it apart without " + choice.name());
    }
    Part.named(value);
  }

  @Override
  public TrainingStep open(RunKey run, double median, long steps, Device device, Block block) {
    Part part = Part.named(run.value());
    return part.open(part.config(run.initialRate()), device, block);
  }
}
