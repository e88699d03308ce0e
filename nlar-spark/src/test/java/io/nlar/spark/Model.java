package io.nlar.spark;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.GradientTree;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A small model in three groups whose micro-batches have gradients of their own, and its training in one process, without Spark. */
final class Model {
  static final int BATCHES = 5;
  static final StepConfig FIRST = StepConfig.nlarcm().withNoise(new Noise.Fresh(7)).withLearningRate(1e-2);
  static final StepConfig SECOND = StepConfig.adamw();
  static final StepConfig THIRD = StepConfig.nlarsf();

  private Model() {}

  static Map<String, float[]> first() {
    Map<String, float[]> values = new LinkedHashMap<>();
    values.put("weights", filled(5000));
    values.put("bias", filled(10));
    return values;
  }

  static Map<String, float[]> second() {
    return Map.of("output", filled(3 * 1024));
  }

  static Map<String, float[]> third() {
    return Map.of("averaged", filled(4000));
  }

  private static float[] filled(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) Math.sin(i);
    }
    return values;
  }

  /** Distances from places that differ from micro-batch to micro-batch. */
  static double gradients(long step, int microBatch, Map<String, float[]> values, Map<String, float[]> gradients) {
    SplittableRandom random = new SplittableRandom(step * 1000 + microBatch);
    double loss = 0;
    for (var entry : values.entrySet()) {
      float[] target = gradients.get(entry.getKey());
      for (int i = 0; i < target.length; i++) {
        target[i] = entry.getValue()[i] - (float) random.nextDouble(-1, 2);
        loss += target[i] * target[i];
      }
    }
    return loss / BATCHES;
  }

  static double schedule(long step) {
    return step < 3 ? 0.5 : 1;
  }

  /** Training of the model on Spark. */
  static SparkTraining training(org.apache.spark.api.java.JavaSparkContext context, GradientSource.Function function) {
    return SparkTraining.ofFunction(context, function).add(FIRST, first()).add(SECOND, second()).add(THIRD, third())
        .microBatches(BATCHES)
        .schedule(Model::schedule);
  }

  /** What a training came to: values, losses, and state by parameter and slot. */
  record Trained(Map<String, float[]> parameters, double[] losses, Map<String, byte[]> state) {}

  /** The same training in this process: whole parameters, one step. */
  static Trained plain(int steps) {
    Map<String, float[]> values = new LinkedHashMap<>(first());
    values.putAll(second());
    values.putAll(third());
    Map<String, float[]> gradients = new LinkedHashMap<>();
    values.forEach((name, array) -> gradients.put(name, new float[array.length]));
    double[] losses = new double[steps];
    try (Device device = Backends.open("cpu")) {
      Step step = compile(device, values, gradients);
      for (int i = 0; i < steps; i++) {
        Map<String, GradientTree> trees = new LinkedHashMap<>();
        values.keySet().forEach(name -> trees.put(name, new GradientTree(DType.FLOAT32, BATCHES)));
        double[] each = new double[BATCHES];
        for (int batch = 0; batch < BATCHES; batch++) {
          gradients.values().forEach(array -> Arrays.fill(array, 0));
          each[batch] = gradients(i, batch, values, gradients);
          for (var tree : trees.entrySet()) {
            tree.getValue().add(batch, MemorySegment.ofArray(gradients.get(tree.getKey()).clone()));
          }
        }
        trees.forEach((name, tree) -> MemorySegment.ofArray(gradients.get(name)).copyFrom(tree.average()));
        // (0 + 1) + (2 + 3), then 4
        losses[i] = (((each[0] + each[1]) + (each[2] + each[3])) + each[4]) / BATCHES;
        step.run(1, schedule(i));
      }
      Map<String, byte[]> state = state(step);
      step.evaluate(); // in place
      return new Trained(values, losses, state);
    }
  }

  static Step compile(Device device, Map<String, float[]> values, Map<String, float[]> gradients) {
    List<Parameter> parameters = new ArrayList<>();
    values.forEach((name, array) -> parameters.add(new Parameter(name, device.wrap(DType.FLOAT32, MemorySegment.ofArray(array)),
        device.wrap(DType.FLOAT32, MemorySegment.ofArray(gradients.get(name))))));
    return device.compile(List.of(new ParameterGroup(FIRST, parameters.subList(0, 2)),
        new ParameterGroup(SECOND, parameters.subList(2, 3)), new ParameterGroup(THIRD, parameters.subList(3, 4))));
  }

  /** The bytes of all state. */
  static Map<String, byte[]> state(Step step) {
    Map<String, byte[]> state = new LinkedHashMap<>();
    for (int group = 0; group < step.groups(); group++) {
      for (String name : List.of(List.of("weights", "bias"), List.of("output"), List.of("averaged")).get(group)) {
        for (Slot slot : step.config(group).slots()) {
          Buffer buffer = step.state(name, slot);
          byte[] bytes = new byte[Math.toIntExact(buffer.byteSize())];
          buffer.copyTo(MemorySegment.ofArray(bytes));
          state.put(name + " " + slot, bytes);
        }
      }
    }
    return state;
  }
}
