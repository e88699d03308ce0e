package io.nlar.internal;

import io.nlar.StepConfig;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;

/** Settings as a flat map of strings, for state files: compared, and readable from Python. */
final class ConfigMap {
  static final String ESTIMATOR = "estimator";

  private ConfigMap() {}

  static Map<String, String> of(StepConfig config) {
    Map<String, String> map = new LinkedHashMap<>();
    put(map, ESTIMATOR, (Record) config.rule());
    put(map, "momentumDecay", (Record) config.momentum());
    map.putIfAbsent("momentum", Double.toString(config.momentum().momentum()));
    put(map, "noise", (Record) config.noise());
    put(map, "scaling", (Record) config.scaling());
    map.put("weightDecay", Double.toString(config.weightDecay()));
    map.put("nonFinite", config.nonFinite().name());
    return map;
  }

  /** Puts a variant's name under {@code key}, and its numbers under their own names; a seed is the noise's. */
  private static void put(Map<String, String> map, String key, Record variant) {
    map.put(key, variant.getClass().getSimpleName());
    for (RecordComponent component : variant.getClass().getRecordComponents()) {
      String name = component.getName();
      map.put(name.equals("seed") ? "noiseSeed" : name, value(variant, component));
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
