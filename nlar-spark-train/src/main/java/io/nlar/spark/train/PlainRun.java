package io.nlar.spark.train;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.GradientTree;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.spark.Gradients;
import io.nlar.spark.RateSchedule;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The same training in this process, without Spark: whole parameters, one step. Whether a cluster came to the same bits. */
final class PlainRun implements AutoCloseable {
  private final Device device = Backends.open("cpu");
  private final StepConfig config;
  private final Map<String, float[]> values = new LinkedHashMap<>();
  private final Map<String, float[]> gradients = new LinkedHashMap<>();
  private final Step step;

  PlainRun(StepConfig config, Map<String, float[]> initial) {
    this.config = config;
    initial.forEach((name, array) -> {
      values.put(name, array.clone());
      gradients.put(name, new float[array.length]);
    });
    step = compile(values);
  }

  private Step compile(Map<String, float[]> values) {
    List<Parameter> parameters = new ArrayList<>();
    values.forEach((name, array) -> parameters.add(new Parameter(name, device.wrap(DType.FLOAT32, MemorySegment.ofArray(array)),
        device.wrap(DType.FLOAT32, MemorySegment.ofArray(gradients.get(name))))));
    return device.compile(List.of(new ParameterGroup(config, parameters)));
  }

  /** Trains. */
  Map<String, float[]> train(Gradients source, long steps, int microBatches, RateSchedule schedule) throws Exception {
    for (long i = 0; i < steps; i++) {
      Map<String, GradientTree> trees = new LinkedHashMap<>();
      values.keySet().forEach(name -> trees.put(name, new GradientTree(DType.FLOAT32, microBatches)));
      for (int batch = 0; batch < microBatches; batch++) {
        gradients.values().forEach(array -> Arrays.fill(array, 0));
        source.compute(i, batch, values, gradients);
        for (var tree : trees.entrySet()) {
          tree.getValue().add(batch, MemorySegment.ofArray(gradients.get(tree.getKey()).clone()));
        }
      }
      trees.forEach((name, tree) -> MemorySegment.ofArray(gradients.get(name)).copyFrom(tree.average()));
      step.run(1, schedule.at(i));
    }
    step.evaluate();
    return values;
  }

  /** Whether values, and the state in the latest of a cluster's checkpoints, have this run's bits. */
  boolean equal(Map<String, float[]> trained, Path checkpoints) throws IOException {
    boolean equal = values.keySet().equals(trained.keySet());
    for (var value : values.entrySet()) {
      equal &= Arrays.equals(value.getValue(), trained.get(value.getKey()));
    }
    List<FileChannel> channels = new ArrayList<>();
    try (Step other = compile(trained)) {
      for (Path file : states(checkpoints)) {
        channels.add(FileChannel.open(file));
      }
      other.restoreAll(channels, Restore.STRICT);
      for (String name : values.keySet()) {
        for (Slot slot : config.slots()) {
          equal &= MemorySegment.ofArray(bytes(step.state(name, slot))).mismatch(
              MemorySegment.ofArray(bytes(other.state(name, slot)))) < 0;
        }
      }
    } finally {
      for (FileChannel channel : channels) {
        channel.close();
      }
    }
    return equal;
  }

  private static byte[] bytes(Buffer buffer) {
    byte[] bytes = new byte[Math.toIntExact(buffer.byteSize())];
    buffer.copyTo(MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static List<Path> states(Path checkpoints) throws IOException {
    try (Stream<Path> files = Files.walk(checkpoints)) {
      List<Path> states = files.filter(file -> file.toString().endsWith(".state")).sorted().toList();
      Path latest = states.getLast().getParent();
      return states.stream().filter(file -> file.getParent().equals(latest)).toList();
    }
  }

  @Override
  public void close() {
    device.close();
  }
}
