package io.nlar.internal;

import io.nlar.Estimator;
import io.nlar.Noise;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** Settings as a flat map of strings, for state files: compared, and readable from Python. */
final class ConfigMap {
  static final String ESTIMATOR = "estimator";

  private ConfigMap() {}

  static Map<String, String> of(StepConfig config) {
    Map<String, String> map = new LinkedHashMap<>();
    Estimator estimator = config.estimator();
    map.put(ESTIMATOR, name(estimator));
    put(map, "learningRate", estimator.learningRate());
    put(map, "priorWeight", estimator.priorWeight());
    put(map, "noiseScale", estimator.noiseScale());
    if (estimator instanceof Estimator.Nlarsm nlarsm) {
      put(map, "lowerClip", nlarsm.lowerClip());
    }
    map.put("momentumDecay", name(config.momentum()));
    put(map, "momentum", config.momentum().momentum());
    map.put("noise", name(config.noise()));
    switch (config.noise()) {
      case Noise.None n -> { }
      case Noise.Frozen n -> map.put("noiseSeed", Long.toString(n.seed()));
      case Noise.Fresh n -> map.put("noiseSeed", Long.toString(n.seed()));
    }
    map.put("scaling", name(config.scaling()));
    switch (config.scaling()) {
      case Scaling.GlobalNorm s -> put(map, "bound", s.bound());
      case Scaling.TensorNorm s -> put(map, "bound", s.bound());
      case Scaling.Normalised s -> {
        put(map, "bound", s.bound());
        map.put("power", Integer.toString(s.power()));
      }
      case Scaling.Value s -> put(map, "bound", s.bound());
      case Scaling.Soft s -> put(map, "bound", s.bound());
      case Scaling.None s -> { }
    }
    put(map, "weightDecay", config.weightDecay());
    map.put("nonFinite", config.nonFinite().name());
    return map;
  }

  private static void put(Map<String, String> map, String key, double value) {
    map.put(key, Double.toString(value));
  }

  private static String name(Object variant) {
    return variant.getClass().getSimpleName();
  }
}
