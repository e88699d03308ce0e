package io.nlar.experiments;

import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.cli.WrongArgumentException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A setting whose influence {@code sweep} shows. */
enum SweepSetting {
  /** μ. */
  MOMENTUM("momentum", "0", "0.25", "0.5", "0.75", "1") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      return config.withMomentum(new Momentum.Inverse(number(value)));
    }
  },
  /** How the momentum decays with t. */
  DECAY("decay", "1/t", "1/sqrt(t)", "none") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      double momentum = config.momentum().momentum();
      return config.withMomentum(switch (value) {
        case "1/t" -> new Momentum.Inverse(momentum);
        case "1/sqrt(t)" -> new Momentum.InverseSqrt(momentum);
        case "none" -> new Momentum.Constant(momentum);
        default -> throw bad(value, "1/t, 1/sqrt(t) or none");
      });
    }
  },
  /** σ. */
  SIGMA("sigma", "1e-30", "1e-19", "1e-10", "1e-5", "1e-2") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      return config.withNoiseScale(number(value));
    }
  },
  /** Weight of the prior. */
  K0("k0", "-1", "0.01", "0.1", "1", "10") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      return config.withPriorWeight(number(value));
    }
  },
  /** Smallest magnitude of a scaled gradient; Nlarsm's only. */
  LOWER("lower", "0", "1e-30", "1e-10", "1e-5", "1e-3") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      if (config.estimator() instanceof Estimator.Nlarsm estimator) {
        return config.withRule(estimator.withLowerClip(number(value)));
      }
      throw new WrongArgumentException("the lower clip is a setting of nlarsm alone: --optimizers nlarsm");
    }
  },
  /** Largest global norm that passes unscaled. */
  BOUND("bound", "0.1", "0.5", "1", "5", "none") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      return config.withScaling(value.equals("none") ? new Scaling.None() : new Scaling.GlobalNorm(number(value)));
    }
  };

  private final String label;
  private final List<String> values;

  SweepSetting(String label, String... values) {
    this.label = label;
    this.values = List.of(values);
  }

  /** The setting of this name. */
  static SweepSetting named(String name) {
    return Arrays.stream(values()).filter(s -> s.label.equals(name)).findFirst()
        .orElseThrow(() -> new WrongArgumentException("there is no setting '" + name + "'; there are "
            + Arrays.stream(values()).map(SweepSetting::label).collect(Collectors.joining(", "))));
  }

  String label() {
    return label;
  }

  /** The values that are tried where none are asked for. */
  List<String> defaults() {
    return values;
  }

  /** The configuration with this setting at {@code value}. */
  abstract StepConfig apply(StepConfig config, String value);

  double number(String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException notANumber) {
      throw bad(value, "a number");
    }
  }

  WrongArgumentException bad(String value, String expected) {
    return new WrongArgumentException("'" + value + "' is no value of " + label + "; give " + expected);
  }
}
