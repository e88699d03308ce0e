package io.nlar;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A step over plain Java arrays: the short way in, with no buffers to handle.
 *
 * <pre>{@code
 * try (ArrayStep step = ArrayStep.builder(StepConfig.nlarcm()).add("weights", weights, gradients).open()) {
 *   for (int i = 0; i < steps; i++) {
 *     computeGradients(weights, gradients);
 *     step.run();
 *   }
 * }
 * }</pre>
 *
 * <p>On a device that works on Java arrays in place (the CPU) nothing is copied. On others values and gradients are
 * copied there and values back in every run; a trainer that keeps its tensors on the device uses {@link Device} and
 * {@link Step} instead. A run returns when it is done. One that nobody closes is released as a {@link Device} is.
 */
public final class ArrayStep implements AutoCloseable {

  /** An array pair with the buffers that stand for it on the device. */
  private record Pair(MemorySegment value, MemorySegment gradient, Buffer valueBuffer, Buffer gradientBuffer,
      boolean copied) {}

  private final Device device;
  private final boolean ownsDevice;
  private final List<Pair> pairs;
  private final Step step;

  private ArrayStep(Device device, boolean ownsDevice, List<Pair> pairs, Step step) {
    this.device = device;
    this.ownsDevice = ownsDevice;
    this.pairs = pairs;
    this.step = step;
  }

  /** Starts with a first group of these settings. */
  public static Builder builder(StepConfig config) {
    return new Builder().group(config);
  }

  /** Runs a step on the arrays' contents. */
  public void run() {
    run(1, 1);
  }

  /**
   * Runs a step on the arrays' contents.
   *
   * @param gradientScale s, as for {@link Step#run(double, double)}
   * @param rateFactor k
   * @throws NonFiniteGradientException under {@link NonFinite#FAIL}, if a gradient holds a NaN or an infinity
   */
  public void run(double gradientScale, double rateFactor) {
    for (Pair pair : pairs) {
      if (pair.copied) {
        pair.valueBuffer.copyFrom(pair.value);
        pair.gradientBuffer.copyFrom(pair.gradient);
      }
    }
    long ticket = step.run(gradientScale, rateFactor);
    step.await(ticket);
    takeValues();
  }

  private void takeValues() {
    for (Pair pair : pairs) {
      if (pair.copied) {
        pair.valueBuffer.copyTo(pair.value);
      }
    }
  }

  /** Leaves the values to evaluate in the arrays, as {@link Step#evaluate} says. */
  public void evaluate() {
    step.evaluate();
    takeValues();
  }

  /** Puts the values back that gradients are taken at, as {@link Step#train} says. */
  public void train() {
    step.train();
    takeValues();
  }

  /** The learning rates of a float parameter, one an element. */
  public void learningRates(String parameter, float[] rates) {
    step.learningRates(parameter, MemorySegment.ofArray(rates));
  }

  /** The learning rates of a double parameter, one an element. */
  public void learningRates(String parameter, double[] rates) {
    step.learningRates(parameter, MemorySegment.ofArray(rates));
  }

  /** Counters, norm and the distribution of the learning rates. */
  public StepStats stats() {
    return step.stats();
  }

  /** Saves the state, as {@link Step#save(Path)}. */
  public void save(Path file) throws IOException {
    step.save(file);
  }

  /** Restores the state, as {@link Step#restore(Path, Restore)}. */
  public void restore(Path file, Restore mode) throws IOException {
    step.restore(file, mode);
  }

  /** Saves the state, as {@link Step#save(WritableByteChannel)}. */
  public void save(WritableByteChannel channel) throws IOException {
    step.save(channel);
  }

  /** Restores the state, as {@link Step#restore(ReadableByteChannel, Restore)}. */
  public void restore(ReadableByteChannel channel, Restore mode) throws IOException {
    step.restore(channel, mode);
  }

  /** The step underneath, for everything else. */
  public Step step() {
    return step;
  }

  /** Releases the state, and the device where the builder opened it. Idempotent; the arrays are the caller's. */
  @Override
  public void close() {
    step.close();
    if (ownsDevice) {
      device.close();
    } else {
      closeBuffers(pairs);
    }
  }

  private static void closeBuffers(List<Pair> pairs) {
    for (Pair pair : pairs) {
      pair.valueBuffer.close();
      pair.gradientBuffer.close();
    }
  }

  /** Collects groups and arrays. */
  public static final class Builder {
    private record Entry(String name, DType type, MemorySegment value, MemorySegment gradient) {}

    private record Group(StepConfig config, List<Entry> entries) {}

    private final List<Group> groups = new ArrayList<>();
    private Device device;

    private Builder() {}

    /** Starts another group, with settings of its own. */
    public Builder group(StepConfig config) {
      Objects.requireNonNull(config, "config");
      groups.add(new Group(config, new ArrayList<>()));
      return this;
    }

    /** Adds a parameter to the current group: values, updated in place, and their gradients. */
    public Builder add(String name, float[] value, float[] gradient) {
      check(name, value, gradient);
      return add(new Entry(name, DType.FLOAT32, MemorySegment.ofArray(value), MemorySegment.ofArray(gradient)));
    }

    /** Adds a parameter to the current group: values, updated in place, and their gradients. */
    public Builder add(String name, double[] value, double[] gradient) {
      check(name, value, gradient);
      return add(new Entry(name, DType.FLOAT64, MemorySegment.ofArray(value), MemorySegment.ofArray(gradient)));
    }

    private static void check(String name, Object value, Object gradient) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
      Objects.requireNonNull(gradient, "gradient");
    }

    private Builder add(Entry entry) {
      groups.getLast().entries.add(entry);
      return this;
    }

    /** Runs on this device, which stays the caller's, instead of one that {@link Backends#open()} chooses. */
    public Builder on(Device device) {
      this.device = device;
      return this;
    }

    /** Compiles the step. */
    public ArrayStep open() {
      Device target = device == null ? Backends.open() : device;
      List<Pair> pairs = new ArrayList<>();
      try {
        List<ParameterGroup> parameterGroups = new ArrayList<>();
        for (Group group : groups) {
          List<Parameter> parameters = new ArrayList<>();
          for (Entry entry : group.entries) {
            Pair pair = pair(target, entry);
            pairs.add(pair);
            parameters.add(new Parameter(entry.name, pair.valueBuffer, pair.gradientBuffer));
          }
          parameterGroups.add(new ParameterGroup(group.config, parameters));
        }
        return new ArrayStep(target, device == null, List.copyOf(pairs), target.compile(parameterGroups));
      } catch (Throwable failure) {
        closeBuffers(pairs);
        if (device == null) {
          target.close();
        }
        throw failure;
      }
    }

    private static Pair pair(Device device, Entry entry) {
      boolean inPlace = device.info().heapMemory();
      Buffer value = buffer(device, entry.type, entry.value, inPlace);
      try {
        return new Pair(entry.value, entry.gradient, value, buffer(device, entry.type, entry.gradient, inPlace), !inPlace);
      } catch (Throwable failure) {
        value.close();
        throw failure;
      }
    }

    private static Buffer buffer(Device device, DType type, MemorySegment array, boolean inPlace) {
      return inPlace ? device.wrap(type, array) : device.allocate(type, array.byteSize() / type.bytes());
    }
  }
}
