package io.nlar.experiments;

import ai.djl.nn.Block;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.cli.WrongArgumentException;
import java.util.List;
import java.util.Optional;

/** What is left of Nlarsm and Nlarcm without one of their parts. */
final class Ablation implements Variation {
  private static final List<String> OPTIMIZERS = List.of("nlarsm", "nlarcm");

  /** What is taken away. */
  private enum Part implements Labelled {
    /** Nothing. */
    WHOLE("whole") {
      @Override
      TrainingStep open(StepConfig config, double median, Device device, Block block) {
        return new NlarStep(config, device, block);
      }
    },
    /** f is the gradient as it comes. */
    NO_CLIPPING("no-clipping") {
      @Override
      TrainingStep open(StepConfig config, double median, Device device, Block block) {
        return new NlarStep(config.withScaling(new Scaling.None()), device, block);
      }
    },
    /** μ = 0. Then no change is unpredicted and γ stays λ: θ ← θ − λ·f. */
    NO_MOMENTUM("no-momentum") {
      @Override
      TrainingStep open(StepConfig config, double median, Device device, Block block) {
        return new NlarStep(config.withMomentum(new Momentum.None()), device, block);
      }
    },
    /** γ = λ in every step. */
    FROZEN_LAMBDA("frozen-lambda") {
      @Override
      TrainingStep open(StepConfig config, double median, Device device, Block block) {
        return new AblatedStep(config, AblatedStep.Rates.FROZEN, config.rule().learningRate(), false);
      }
    },
    /** γ = the median of all rates with which a whole run of the same seed ended, in every step. */
    FROZEN_MEDIAN("frozen-median") {
      @Override
      TrainingStep open(StepConfig config, double median, Device device, Block block) {
        return new AblatedStep(config, AblatedStep.Rates.FROZEN, median, false);
      }
    },
    /** γ = λ in every step, and f has the norm 1 always: also a smaller gradient is scaled to it. */
    NORMALISED_SGD("normalised-sgd") {
      @Override
      TrainingStep open(StepConfig config, double median, Device device, Block block) {
        return new AblatedStep(config, AblatedStep.Rates.FROZEN, config.rule().learningRate(), true);
      }
    },
    /** One γ for each tensor, estimated from the changes of all its elements. */
    PER_TENSOR("per-tensor") {
      @Override
      TrainingStep open(StepConfig config, double median, Device device, Block block) {
        return new AblatedStep(config, AblatedStep.Rates.TENSOR, config.rule().learningRate(), false);
      }
    };

    private final String label;

    Part(String label) {
      this.label = label;
    }

    abstract TrainingStep open(StepConfig config, double median, Device device, Block block);

    @Override
    public String label() {
      return label;
    }

    static Part named(String name) {
      return Labelled.named(values(), name, "to take away");
    }
  }

  @Override
  public String label() {
    return "ablation";
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
    Part.named(value);
    if (!OPTIMIZERS.contains(choice.name())) {
      throw new WrongArgumentException("ablate takes " + String.join(" and ", OPTIMIZERS) + " apart, and nlarsf, not "
          + choice.name());
    }
  }

  @Override
  public Optional<String> pilot(String value) {
    return Part.named(value) == Part.FROZEN_MEDIAN ? Optional.of(Part.WHOLE.label) : Optional.empty();
  }

  @Override
  public TrainingStep open(RunKey run, double median, long steps, Device device, Block block) {
    return Part.named(run.value()).open(run.choice().config(run.initialRate()), median, device, block);
  }
}
