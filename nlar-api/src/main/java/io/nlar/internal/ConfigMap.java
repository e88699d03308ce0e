package io.nlar.internal;

import io.nlar.Noise;
import io.nlar.Precision;
import io.nlar.StepConfig;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Settings as a flat map of strings, for state files: compared, and readable from Python. */
final class ConfigMap {
  static final String ESTIMATOR = "estimator";
  /** There only where it is not uniform, as it always was. */
  private static final String DISTRIBUTION = "noiseDistribution";
  /** There only where it is so, since AdamW was without it. */
  private static final String NESTEROV = "nesterov";
  private static final String STATE = "state";
  private static final String MASTER = "master";
  private static final String ROUNDING_SEED = "roundingSeed";
  /** What says how state is kept; there only where it is not as it always was. */
  static final Set<String> PRECISION = Set.of(STATE, MASTER, ROUNDING_SEED);

  private ConfigMap() {}

  static Map<String, String> of(StepConfig config) {
    Map<String, String> map = new LinkedHashMap<>();
    put(map, ESTIMATOR, (Record) config.rule());
    map.remove(NESTEROV, Boolean.toString(false));
    put(map, "momentumDecay", (Record) config.momentum());
    map.putIfAbsent("momentum", Double.toString(config.momentum().momentum()));
    put(map, "noise", (Record) config.noise());
    map.remove(DISTRIBUTION, Noise.Distribution.UNIFORM.name());
    put(map, "scaling", (Record) config.scaling());
    map.put("weightDecay", Double.toString(config.weightDecay()));
    map.put("nonFinite", config.nonFinite().name());
    Precision precision = config.precision();
    Precision usual = Precision.full();
    unless(usual.state(), map, STATE, precision.state());
    unless(usual.master(), map, MASTER, precision.master());
    unless(usual.seed(), map, ROUNDING_SEED, precision.seed());
    return map;
  }

  private static void unless(Object usual, Map<String, String> map, String key, Object value) {
    if (!value.equals(usual)) {
      map.put(key, value.toString());
    }
  }

  /** Puts a variant's name under {@code key}, and its numbers under their own names; a seed or distribution is the noise's. */
  private static void put(Map<String, String> map, String key, Record variant) {
    map.put(key, variant.getClass().getSimpleName());
    for (RecordComponent component : variant.getClass().getRecordComponents()) {
      String name = component.getName();
      map.put(switch (name) {
        case "seed" -> "noiseSeed";
        case "distribution" -> DISTRIBUTION;
        default -> name;
      }, value(variant, component));
    }
  }

  private static String value(Record variant, RecordComponent component) {
    try {
      return component.getAccessor().invoke(variant).toString();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // accessors of public records do not throw
    }
  }
}
