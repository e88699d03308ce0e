package io.nlar.spark;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceOptions;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Part;
import io.nlar.Step;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A worker's share of the parameters, and the step over it: on the CPU, in place in the arrays of the whole parameters. */
final class Shard implements AutoCloseable {
  private final Layout layout;
  private final int worker;
  private final Device device;
  private final Step step;
  private final float[] gradients;
  private final double[] sums;

  /** The share of a worker; the values are those of its part of the arrays. */
  Shard(Layout layout, int worker, float[][] values, int threads) {
    this.layout = layout;
    this.worker = worker;
    this.gradients = new float[Math.toIntExact(layout.shareLength(worker))];
    this.sums = new double[layout.sumsPerBlock() * layout.blocksBefore(layout.workers())];
    device = Backends.open("cpu", DeviceOptions.defaults().withThreads(threads));
    try {
      step = device.compile(layout.groups().stream().map(group -> group(group, values)).toList());
    } catch (Throwable failure) {
      device.close();
      throw failure;
    }
  }

  private ParameterGroup group(Layout.Group group, float[][] values) {
    List<Parameter> parameters = new ArrayList<>();
    for (int i = group.from(); i < group.to(); i++) {
      int begin = layout.partBegin(worker, i);
      int count = layout.partEnd(worker, i) - begin;
      Buffer gradient = wrap(gradients, layout.begin(i) + begin - layout.share(worker), count);
      parameters.add(new Parameter(layout.names().get(i), wrap(values[i], begin, count), gradient)
          .withPart(new Part(begin, layout.length(i))));
    }
    return new ParameterGroup(group.config(), parameters);
  }

  private Buffer wrap(float[] array, long begin, long count) {
    return count == 0 ? device.allocate(DType.FLOAT32, 0) : device.wrap(DType.FLOAT32,
        MemorySegment.ofArray(array).asSlice(begin * Float.BYTES, count * Float.BYTES));
  }

  Step step() {
    return step;
  }

  /** Sums of this share's blocks: of squares, for the averaged gradients of its elements, and of what the last update left. */
  double[] reduce(MemorySegment averaged) {
    MemorySegment.ofArray(gradients).copyFrom(averaged);
    step.reduceBlocks();
    return own();
  }

  /** Sums of what the last update left of this share's blocks, in the same places. */
  double[] leave() {
    step.leaveBlockProducts();
    return own();
  }

  private double[] own() {
    copySums(false);
    double[] own = new double[layout.sumsPerBlock() * blocks(worker)];
    eachKind(worker, (all, from) -> System.arraycopy(sums, all, own, from, blocks(worker)));
    return own;
  }

  /** Takes in another worker's sums, which begin in {@code from} at this place. */
  void take(int other, double[] from, int at) {
    eachKind(other, (all, within) -> System.arraycopy(from, at + within, sums, all, blocks(other)));
  }

  private int blocks(int worker) {
    return layout.blocksBefore(worker + 1) - layout.blocksBefore(worker);
  }

  @FunctionalInterface
  private interface Kind {
    void at(int all, int own);
  }

  /** Where a worker's sums of each kind begin among all of them, and among its own. */
  private void eachKind(int worker, Kind kind) {
    for (int number = 0; number < layout.sumsPerBlock(); number++) {
      kind.at(number * layout.blocksBefore(layout.workers()) + layout.blocksBefore(worker), number * blocks(worker));
    }
  }

  /** Learns from what the last update left of all shares, whose sums were taken in. */
  void learn() {
    copySums(true);
    step.takeBlockProducts();
  }

  /** Updates this share, when all sums were taken in. */
  void apply(double rateFactor) {
    copySums(true);
    step.takeBlockSums();
    step.await(step.apply(1, rateFactor));
  }

  private void copySums(boolean toStep) {
    try (Buffer blocks = step.blockSums()) {
      if (toStep) {
        blocks.copyFrom(MemorySegment.ofArray(sums));
      } else {
        blocks.copyTo(MemorySegment.ofArray(sums));
      }
    }
  }

  /** A counter of the step. */
  long count(Control counter) {
    double[] scalars = new double[Control.LENGTH];
    step.peek(scalars);
    return (long) scalars[counter.ordinal()];
  }

  @Override
  public void close() {
    device.close();
  }
}
