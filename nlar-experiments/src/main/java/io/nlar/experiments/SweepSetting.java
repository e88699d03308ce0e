package io.nlar.experiments;

import ai.djl.nn.Block;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.StepConfig;
import io.nlar.cli.WrongArgumentException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A setting whose influence {@code sweep} shows, with the values of arXiv 2410.09943 where it varies it. */
enum SweepSetting implements Variation {
  /** μ. */
  MOMENTUM("momentum", "none", "0.2", "0.3", "0.4", "0.5", "0.7", "0.8", "0.9", "0.95", "1") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      return config.withMomentum(value.equals("none") ? new Momentum.None() : new Momentum.Inverse(number(value)));
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
  SIGMA("sigma", "1e-15", "1e-10", "1e-9", "1e-8", "1e-7", "1e-6", "1e-5", "1e-4", "1e-3", "1e-2") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      return config.withNoiseScale(number(value));
    }
  },
  /** Noise: none, or frozen or fresh of a distribution, and after a colon σ. */
  NOISE("noise", noises()) {
    @Override
    StepConfig apply(StepConfig config, String value) {
      int colon = value.indexOf(':');
      StepConfig scaled = colon < 0 ? config : config.withNoiseScale(number(value.substring(colon + 1)));
      String name = colon < 0 ? value : value.substring(0, colon);
      if (name.equals(NO_NOISE)) {
        return scaled.withNoise(new Noise.None());
      }
      for (Noise.Distribution distribution : Noise.Distribution.values()) {
        if (name.equals(noise(FROZEN, distribution))) {
          return scaled.withNoise(new Noise.Frozen(0, distribution));
        }
        if (name.equals(noise(FRESH, distribution))) {
          return scaled.withNoise(new Noise.Fresh(0, distribution));
        }
      }
      throw bad(value, "none, or frozen- or fresh- before " + Arrays.stream(Noise.Distribution.values())
          .map(SweepSetting::spelt).collect(Collectors.joining(", ")) + ", with sigma after a colon (fresh-gaussian:1e-4)");
    }

    /** No noise of the same σ, which enters the estimator without noise too. */
    @Override
    public String reference(String value) {
      int colon = value.indexOf(':');
      return NO_NOISE + (colon < 0 ? "" : value.substring(colon));
    }
  },
  /** Weight of the prior. */
  K0("k0", "-1e10", "-1e5", "-1", "-1e-5", "-1e-10", "1e-10", "1e-5", "1", "1e5", "1e10") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      return config.withPriorWeight(number(value));
    }
  },
  /** Smallest magnitude of a scaled gradient; Nlarsm's only. */
  LOWER("lower", "1e-150", "1e-100", "1e-50", "1e-30", "1e-20", "1e-15", "1e-10", "1e-5", "1e-4", "1e-3", "1e-2", "0.1") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      if (config.estimator() instanceof Estimator.Nlarsm estimator) {
        return config.withRule(estimator.withLowerClip(number(value)));
      }
      throw new WrongArgumentException("the lower clip is a setting of nlarsm alone: --optimizers nlarsm");
    }

    @Override
    public DType type() {
      return DType.FLOAT64;
    }
  },
  /** What a secant weighs against a change; Nlarbb's only, which is Nlarcm with 0. */
  SECANT("secant", "0", "0.1", "1", "10", "100", "1000") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      if (config.estimator() instanceof Estimator.Nlarbb estimator) {
        return config.withRule(estimator.withSecantWeight(number(value)));
      }
      throw new WrongArgumentException("the secant weight is a setting of nlarbb alone: --optimizers nlarbb");
    }
  },
  /** Largest global norm that passes unscaled. */
  BOUND("bound", "1e-10", "1e-5", "1e-2", "0.1", "1", "10", "100") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      return config.withScaling(value.equals("none") ? new Scaling.None() : new Scaling.GlobalNorm(number(value)));
    }
  },
  /** What is kept between steps in fewer bits: the state, or values and gradients too. */
  STATE("state", "full", "compact", "bfloat16", "bfloat16-alone", "float16") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      return config.withPrecision(switch (value) {
        case "full" -> Precision.full();
        case "compact", "bfloat16", "float16" -> Precision.compact();
        case "bfloat16-alone" -> Precision.compact().withMaster(Precision.Master.NONE);
        default -> throw bad(value, "full, compact, bfloat16, bfloat16-alone or float16");
      });
    }

    /** Every rule of the library keeps its state so. */
    @Override
    StepConfig settings(OptimizerChoice choice, double rate) {
      return choice.ownSettings(rate).orElseThrow(() -> new WrongArgumentException(
          choice.name() + " is no optimizer of this library, and keeps its state in its own way"));
    }

    @Override
    public TrainingStep open(RunKey run, double median, long steps, Device device, Block block) {
      StepConfig config = apply(settings(run.choice(), run.initialRate()), run.value());
      return switch (run.value()) {
        case "bfloat16", "bfloat16-alone" -> new NarrowStep(config, run.choice().schedule(steps), DType.BFLOAT16, device, block);
        case "float16" -> new NarrowStep(config, run.choice().schedule(steps), DType.FLOAT16, device, block);
        default -> super.open(run, median, steps, device, block);
      };
    }
  },
  /** How a gradient is scaled: a form, and after a colon its bound, 1 without one. */
  SCALING("scaling", "global-norm", "tensor-norm", "normalised", "normalised-2", "value", "value:1e-2", "soft", "soft:1e-2",
      "none") {
    @Override
    StepConfig apply(StepConfig config, String value) {
      int colon = value.indexOf(':');
      double bound = colon < 0 ? 1 : number(value.substring(colon + 1));
      return config.withScaling(switch (colon < 0 ? value : value.substring(0, colon)) {
        case "global-norm" -> new Scaling.GlobalNorm(bound);
        case "tensor-norm" -> new Scaling.TensorNorm(bound);
        case "normalised" -> new Scaling.Normalised(bound, 1);
        case "normalised-2" -> new Scaling.Normalised(bound, 2);
        case "value" -> new Scaling.Value(bound);
        case "soft" -> new Scaling.Soft(bound);
        case "none" -> {
          if (colon >= 0) {
            throw bad(value, "none, which has no bound");
          }
          yield new Scaling.None();
        }
        default -> throw bad(value, "global-norm, tensor-norm, normalised, normalised-2, value or soft, with a bound after a"
            + " colon where it is not 1 (value:0.01), or none");
      });
    }
  };

  private static final String NO_NOISE = "none";
  private static final String FROZEN = "frozen";
  private static final String FRESH = "fresh";

  /** What Nlar's authors take; not for settings over many decades, of which they take more than one value. */
  private static final Map<SweepSetting, String> USUAL =
      Map.of(MOMENTUM, "1", DECAY, "1/t", BOUND, "1", SCALING, "global-norm", STATE, "full", SECANT, "0");

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

  @Override
  public String label() {
    return label;
  }

  @Override
  public List<String> defaults() {
    return values;
  }

  @Override
  public String reference(String value) {
    return USUAL.getOrDefault(this, "");
  }

  /** What is varied. */
  StepConfig settings(OptimizerChoice choice, double rate) {
    if (!choice.nlar()) {
      throw new WrongArgumentException("sweep varies settings of Nlar; " + choice.name() + " has none of them");
    }
    return choice.config(rate);
  }

  @Override
  public void check(OptimizerChoice choice, double rate, String value) {
    StepConfig config = settings(choice, rate);
    try {
      apply(config, value);
    } catch (SettingException refused) {
      throw new WrongArgumentException("'" + value + "' is no value of " + label + ": " + refused.getMessage(), refused);
    }
  }

  @Override
  public TrainingStep open(RunKey run, double median, long steps, Device device, Block block) {
    StepConfig config = apply(settings(run.choice(), run.initialRate()), run.value());
    Noise seeded = switch (config.noise()) {
      case Noise.None none -> none;
      case Noise.Frozen noise -> new Noise.Frozen(run.seed(), noise.distribution());
      case Noise.Fresh noise -> new Noise.Fresh(run.seed(), noise.distribution());
    };
    return new NlarStep(config.withNoise(seeded), run.choice().schedule(steps), device, block);
  }

  /** The configuration with this setting at {@code value}. */
  abstract StepConfig apply(StepConfig config, String value);

  private static String[] noises() {
    List<String> names = new ArrayList<>(List.of(NO_NOISE));
    for (String kind : List.of(FROZEN, FRESH)) {
      for (Noise.Distribution distribution : Noise.Distribution.values()) {
        names.add(noise(kind, distribution));
      }
    }
    return Stream.of("1e-19", "1e-8", "1e-6", "1e-5", "1e-4", "1e-3", "1e-2")
        .flatMap(sigma -> names.stream().map(name -> name + ":" + sigma)).toArray(String[]::new);
  }

  private static String noise(String kind, Noise.Distribution distribution) {
    return kind + "-" + spelt(distribution);
  }

  private static String spelt(Noise.Distribution distribution) {
    return distribution.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

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
