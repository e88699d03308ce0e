package io.nlar.testkit;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.AdamW;
import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Lion;
import io.nlar.Momentum;
import io.nlar.NlarException;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.Precision;
import io.nlar.Rule;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads one trace file: JSON with the entries of the golden traces. */
final class TraceReader {
  private final String source;

  private TraceReader(String source) {
    this.source = source;
  }

  static Trace read(String source, InputStream json) throws IOException {
    try {
      return new TraceReader(source).trace(JSON.std.mapFrom(json));
    } catch (TraceException e) {
      throw e;
    } catch (com.fasterxml.jackson.core.JacksonException | NlarException e) {
      throw new TraceException(source + " is no trace: " + e.getMessage(), e);
    }
  }

  private Trace trace(Map<String, Object> root) {
    double[] theta0 = numbers(root, "theta0");
    double[] frozenNoise = root.get("frozenNoise") == null ? null : numbers(root, "frozenNoise");
    List<Integer> shapes = new ArrayList<>();
    for (double length : numbers(root, "shapes")) {
      if (length != (int) length || length < 0) {
        throw error("'shapes' holds " + length + "; lengths are whole numbers from 0");
      }
      shapes.add((int) length);
    }
    int n = shapes.stream().mapToInt(Integer::intValue).sum();
    checkLength("theta0", theta0, n);
    if (frozenNoise != null) {
      checkLength("frozenNoise", frozenNoise, n);
    }
    List<double[]> gradients = new ArrayList<>();
    for (Object step : list(root, "gradients")) {
      String entry = "gradients[" + gradients.size() + "]";
      gradients.add(numbers(entry, step));
      checkLength(entry, gradients.getLast(), n);
    }
    StepConfig config = config(text(root, "variant"), object(root, "config"), frozenNoise != null);
    Storage storage = null;
    if (root.get("storage") != null) {
      Map<String, Object> kept = object(root, "storage");
      config = config.withPrecision(precision(kept));
      DType value = type(kept, "value", DType.FLOAT32);
      storage = config.storage(value, type(kept, "gradient", value));
    }
    return new Trace(text(root, "name"), config, frozenNoise, storage, names(root, shapes.size()), shapes, theta0, gradients, expected(root, n, gradients.size()));
  }

  private List<Snapshot> expected(Map<String, Object> root, int n, int steps) {
    List<Snapshot> expected = new ArrayList<>();
    if (root.get("expected") == null) {
      return expected;
    }
    for (Object item : list(root, "expected")) {
      Map<String, Object> entry = asObject("expected", item);
      double step = number(entry, "step");
      int last = expected.isEmpty() ? 0 : expected.getLast().step();
      if (step != (int) step || step <= last || step > steps) {
        throw error("'expected' lists step " + step + " after step " + last + " of " + steps
            + "; steps are whole numbers in ascending order");
      }
      double[] velocity = entry.get("velocity") == null ? null : numbers(entry, "velocity");
      Snapshot snapshot =
          new Snapshot((int) step, numbers(entry, "theta"), numbers(entry, "learningRate"), velocity);
      for (Quantity quantity : Quantity.values()) {
        if (snapshot.get(quantity) != null) {
          checkLength("expected." + quantity.label(), snapshot.get(quantity), n);
        }
      }
      expected.add(snapshot);
    }
    return expected;
  }

  private List<String> names(Map<String, Object> root, int count) {
    if (root.get("names") == null) {
      return Trace.names(count);
    }
    List<String> names = list(root, "names").stream().map(Object::toString).toList();
    if (names.size() != count || names.stream().distinct().count() != count) {
      throw error("'names' are " + names + "; expected " + count + " different ones, as 'shapes' has tensors");
    }
    return names;
  }

  private Precision precision(Map<String, Object> kept) {
    Precision.State state = switch (type(kept, "state", DType.FLOAT32)) {
      case BFLOAT16 -> Precision.State.COMPACT;
      case FLOAT32 -> Precision.State.FULL;
      default -> throw error("'storage.state' is '" + kept.get("state") + "'; known are float32 and bfloat16");
    };
    Object master = kept.get("master");
    return new Precision(state, master == null ? Precision.Master.AUTO : switch (master.toString()) {
      case "none" -> Precision.Master.NONE;
      case "remainder" -> Precision.Master.REMAINDER;
      case "float32" -> Precision.Master.FLOAT32;
      default -> throw error("'storage.master' is '" + master + "'; known are none, remainder and float32");
    }, 0);
  }

  private DType type(Map<String, Object> kept, String key, DType absent) {
    Object type = kept.get(key);
    return type == null ? absent : switch (type.toString()) {
      case "float32" -> DType.FLOAT32;
      case "bfloat16" -> DType.BFLOAT16;
      case "float16" -> DType.FLOAT16;
      default -> throw error("'storage." + key + "' is '" + type + "'; known are float32, bfloat16 and float16");
    };
  }

  private StepConfig config(String variant, Map<String, Object> config, boolean noisy) {
    double decay = numberOr(config, "weightDecay", 0);
    Noise noise = noisy ? new Noise.Frozen(0) : new Noise.None();
    Rule rule = switch (variant) {
      case "adamw", "nadamw" -> new AdamW(number(config, "learningRate"), number(config, "beta1"), number(config, "beta2"),
          number(config, "epsilon"), variant.equals("nadamw"));
      case "lion" -> new Lion(number(config, "learningRate"), number(config, "beta1"), number(config, "beta2"));
      default -> estimator(variant, config);
    };
    return new StepConfig(scaling(config), rule, momentum(config), noise, decay, NonFinite.AUTO);
  }

  private Estimator estimator(String variant, Map<String, Object> config) {
    double rate = number(config, "initialLearningRate");
    double weight = number(config, "priorWeight");
    double sigma = number(config, "noiseScale");
    return switch (variant) {
      case "nlarsm" -> new Estimator.Nlarsm(rate, weight, sigma, numberOr(config, "lowerClip", 0));
      case "nlarcm" -> new Estimator.Nlarcm(rate, weight, sigma);
      case "nlarpm" -> new Estimator.Nlarpm(rate, weight, sigma);
      case "nlarbb" -> new Estimator.Nlarbb(rate, weight, sigma, numberOr(config, "secantWeight", StepConfig.DEFAULT_SECANT_WEIGHT));
      default -> throw error("'variant' is '" + variant + "'; known are nlarsm, nlarcm, nlarpm, nlarbb, adamw, nadamw and lion");
    };
  }

  /**
   * None where it is null or absent. Where it is 0, the smallest there is: the published optimizers then keep a
   * velocity, v' = −γ·f, and a step without momentum keeps none. With that μ, p = ρ·v is 0 or lost beside what it is
   * added to.
   */
  private Momentum momentum(Map<String, Object> config) {
    if (config.get("momentum") == null) {
      return new Momentum.None();
    }
    double momentum = number(config, "momentum");
    return new Momentum.Inverse(momentum == 0 ? Double.MIN_VALUE : momentum);
  }

  private Scaling scaling(Map<String, Object> config) {
    String scaling = text(config, "scaling");
    return switch (scaling) {
      case "globalNorm" -> new Scaling.GlobalNorm(number(config, "scalingBound"));
      case "clipNorm" -> new Scaling.TensorNorm(number(config, "scalingBound"));
      case "clipValue" -> new Scaling.Value(number(config, "scalingBound"));
      case "none" -> new Scaling.None();
      default -> throw error("'scaling' is '" + scaling + "'; known are globalNorm, clipNorm, clipValue and none");
    };
  }

  private void checkLength(String entry, double[] numbers, int n) {
    if (numbers.length != n) {
      throw error("'" + entry + "' has " + numbers.length + " numbers; 'shapes' add up to " + n);
    }
  }

  private double[] numbers(Map<String, Object> parent, String key) {
    return numbers(key, required(parent, key));
  }

  private double[] numbers(String entry, Object value) {
    if (!(value instanceof List<?> items)) {
      throw error("'" + entry + "' is not a list of numbers");
    }
    double[] numbers = new double[items.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(items.get(i) instanceof Number number)) {
        throw error("'" + entry + "' holds " + items.get(i) + " at place " + i + "; expected a number");
      }
      numbers[i] = number.doubleValue();
    }
    return numbers;
  }

  private List<?> list(Map<String, Object> parent, String key) {
    if (required(parent, key) instanceof List<?> items) {
      return items;
    }
    throw error("'" + key + "' is not a list");
  }

  private double number(Map<String, Object> parent, String key) {
    if (required(parent, key) instanceof Number number) {
      return number.doubleValue();
    }
    throw error("'" + key + "' is " + parent.get(key) + "; expected a number");
  }

  private double numberOr(Map<String, Object> parent, String key, double absent) {
    return parent.get(key) == null ? absent : number(parent, key);
  }

  private String text(Map<String, Object> parent, String key) {
    return required(parent, key).toString();
  }

  private Map<String, Object> object(Map<String, Object> parent, String key) {
    return asObject(key, required(parent, key));
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> asObject(String entry, Object value) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw error("'" + entry + "' is not an object");
  }

  private Object required(Map<String, Object> parent, String key) {
    Object value = parent.get(key);
    if (value == null) {
      throw error("'" + key + "' is missing");
    }
    return value;
  }

  private TraceException error(String problem) {
    return new TraceException(source + " is no trace: " + problem);
  }
}
