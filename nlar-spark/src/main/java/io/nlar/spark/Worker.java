package io.nlar.spark;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.GradientTree;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * One worker's training, which is one task of a barrier stage. A step has three meetings: sums of gradients are ready to be fetched;
 * sums of squares, and losses, which are small, travel with the second; new values are ready to be fetched.
 */
final class Worker implements AutoCloseable {
  private final Plan plan;
  private final Layout layout;
  private final int self;
  private final int workers;
  private final Rendezvous rendezvous;
  private final Exchange exchange;
  private final Gradients source;
  private final MicroBatches microBatches;
  private final float[][] values;
  private final Shard shard;
  private final double[] losses;
  /** By worker, the nodes that its micro-batches come to: their places count, not what is in them. */
  private final List<List<GradientTree.Node>> shapes = new ArrayList<>();
  private final Laps laps = new Laps();

  /** Opens what a worker needs; waits for the others. */
  Worker(Plan plan, Broadcast<float[][]> initial, BarrierTaskContext context) throws Exception {
    this.plan = plan;
    this.layout = plan.layout();
    this.self = context.partitionId();
    this.workers = layout.workers();
    this.losses = new double[Math.toIntExact(plan.steps())];
    for (int worker = 0; worker < workers; worker++) {
      shapes.add(MicroBatches.shape(plan.microBatches(), MicroBatches.first(plan.microBatches(), worker, workers),
          MicroBatches.first(plan.microBatches(), worker + 1, workers)).nodes());
    }
    rendezvous = new Rendezvous(context);
    exchange = new Exchange(context, rendezvous, initial.id());
    heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
    values = layout.arrays();
    float[][] shipped = initial.value();
    for (int i = 0; i < values.length; i++) {
      System.arraycopy(shipped[i], 0, values[i], 0, values[i].length);
    }
    exchange.clear();
    source = plan.source().open();
    try {
      microBatches = new MicroBatches(layout, source, plan.microBatches(), self);
      shard = new Shard(layout, self, values, Math.max(1, context.cpus()));
    } catch (Throwable failure) {
      source.close();
      throw failure;
    }
  }

  /** Ends the task where Spark wants it ended, since another worker failed. */
  static void checkKilled() {
    TaskContext.get().killTaskIfInterrupted();
  }

  /** Trains to the end, from the latest checkpoint where there is one. */
  Outcome train() throws Exception {
    Checkpoints checkpoints = plan.folder() == null ? null : new Checkpoints(plan, self, rendezvous);
    long begin = checkpoints == null ? 0 : checkpoints.restore(shard, values, losses);
    Map<String, float[]> named = layout.named(values);
    laps.restart();
    for (long step = begin; step < plan.steps(); step++) {
      step(step, named);
      long done = step + 1;
      if (checkpoints != null && (done % plan.every() == 0 || done == plan.steps())) {
        checkpoints.save(done, shard, values, losses);
        laps.end(Laps.Part.CHECKPOINT);
      }
    }
    meet(); // all have fetched what this worker still keeps
    return outcome(begin);
  }

  private void step(long step, Map<String, float[]> named) throws Exception {
    double[] batchLosses = new double[plan.microBatches()];
    GradientTree tree = microBatches.compute(step, named, batchLosses, laps);
    MemorySegment averaged = averaged(step, tree);
    double[] own = shard.reduce(averaged);
    laps.end(Laps.Part.STEP);
    exchangeSums(step, own, batchLosses);
    losses[Math.toIntExact(step)] = average(batchLosses);
    shard.apply(plan.schedule().at(step));
    laps.end(Laps.Part.STEP);
    gatherValues(step);
  }

  /** The average of all micro-batches' gradients, for the elements of this share. */
  private MemorySegment averaged(long step, GradientTree tree) throws InterruptedException {
    long begin = layout.share(self) * Float.BYTES;
    long bytes = layout.shareLength(self) * Float.BYTES;
    GradientTree shares = new GradientTree(DType.FLOAT32, plan.microBatches());
    for (GradientTree.Node node : tree.nodes()) {
      for (int to = 0; to < workers; to++) {
        long start = layout.share(to) * Float.BYTES;
        if (to != self) {
          exchange.offer(gradientName(step, node, to), layout.shareLength(to) * Float.BYTES,
              (offset, piece) -> piece.copyFrom(node.sum().asSlice(start + offset, piece.byteSize())));
        }
      }
      shares.add(new GradientTree.Node(node.level(), node.index(), node.sum().asSlice(begin, bytes)));
    }
    laps.end(Laps.Part.EXCHANGE);
    meet();
    List<Exchange.Wanted> wanted = new ArrayList<>();
    List<GradientTree.Node> coming = new ArrayList<>();
    for (int from = 0; from < workers; from++) {
      if (from != self) {
        for (GradientTree.Node node : shapes.get(from)) {
          wanted.add(new Exchange.Wanted(from, gradientName(step, node, self), bytes));
          coming.add(new GradientTree.Node(node.level(), node.index(),
              MemorySegment.ofArray(new float[Math.toIntExact(layout.shareLength(self))])));
        }
      }
    }
    exchange.fetch(wanted, (number, offset, piece) -> coming.get(number).sum().asSlice(offset, piece.byteSize()).copyFrom(piece));
    laps.end(Laps.Part.EXCHANGE);
    coming.forEach(shares::add);
    MemorySegment averaged = shares.average();
    laps.end(Laps.Part.AVERAGE);
    return averaged;
  }

  private static String gradientName(long step, GradientTree.Node node, int to) {
    return "g" + step + "_" + node.level() + "_" + node.index() + "_" + to;
  }

  /** Tells the others this share's sums of squares and losses, and takes in theirs. */
  private void exchangeSums(long step, double[] own, double[] batchLosses) throws InterruptedException {
    if (workers == 1) {
      System.arraycopy(own, 0, shard.sums(), 0, own.length);
      return;
    }
    boolean inMessages = (long) shard.sums().length * Double.BYTES <= plan.mostInMessages();
    int batches = microBatches.to() - microBatches.from();
    ByteBuffer message = ByteBuffer.allocate((batches + (inMessages ? own.length : 0)) * Double.BYTES);
    message.asDoubleBuffer().put(batchLosses, microBatches.from(), batches).put(own, 0, inMessages ? own.length : 0);
    if (!inMessages) {
      exchange.offer("s" + step, (long) own.length * Double.BYTES, (offset, piece) -> MemorySegment.copy(own,
          (int) (offset / Double.BYTES), piece, ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, (int) (piece.byteSize() / Double.BYTES)));
    }
    laps.end(Laps.Part.EXCHANGE);
    String[] messages = rendezvous.gather(Base64.getEncoder().encodeToString(message.array()));
    exchange.met();
    laps.end(Laps.Part.WAIT);
    List<Exchange.Wanted> wanted = new ArrayList<>();
    for (int from = 0; from < workers; from++) {
      var doubles = ByteBuffer.wrap(Base64.getDecoder().decode(messages[from])).asDoubleBuffer();
      int first = MicroBatches.first(plan.microBatches(), from, workers);
      doubles.get(batchLosses, first, MicroBatches.first(plan.microBatches(), from + 1, workers) - first);
      int block = layout.blocksBefore(from);
      int count = layout.blocksBefore(from + 1) - block;
      if (inMessages) {
        doubles.get(shard.sums(), block, count);
      } else if (from == self) {
        System.arraycopy(own, 0, shard.sums(), block, count);
      } else {
        wanted.add(new Exchange.Wanted(from, "s" + step, (long) count * Double.BYTES));
      }
    }
    exchange.fetch(wanted, (number, offset, piece) -> MemorySegment.copy(piece, ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, shard.sums(),
        layout.blocksBefore(wanted.get(number).from()) + (int) (offset / Double.BYTES), (int) (piece.byteSize() / Double.BYTES)));
    laps.end(Laps.Part.EXCHANGE);
  }

  /** The losses' average, formed as that of the gradients. */
  static double average(double[] losses) {
    GradientTree tree = new GradientTree(DType.FLOAT64, losses.length);
    for (int i = 0; i < losses.length; i++) {
      tree.add(i, MemorySegment.ofArray(new double[] {losses[i]}));
    }
    return tree.average().get(ValueLayout.JAVA_DOUBLE, 0);
  }

  /** Hands this share's new values to all others, and takes theirs. */
  private void gatherValues(long step) throws InterruptedException {
    if (workers == 1) {
      return;
    }
    exchange.offer("v" + step, layout.shareLength(self) * Float.BYTES,
        (offset, piece) -> layout.gather(values, layout.share(self) + offset / Float.BYTES, piece));
    laps.end(Laps.Part.EXCHANGE);
    meet();
    List<Exchange.Wanted> wanted = new ArrayList<>();
    for (int from = 0; from < workers; from++) {
      if (from != self) {
        wanted.add(new Exchange.Wanted(from, "v" + step, layout.shareLength(from) * Float.BYTES));
      }
    }
    exchange.fetch(wanted, (number, offset, piece) -> layout.scatter(piece, layout.share(wanted.get(number).from())
        + offset / Float.BYTES, values));
    laps.end(Laps.Part.EXCHANGE);
  }

  private void meet() throws InterruptedException {
    if (workers > 1) {
      rendezvous.meet();
      exchange.met();
      laps.end(Laps.Part.WAIT);
    }
  }

  private Outcome outcome(long begin) {
    WorkerReport report = new WorkerReport(self, layout.shareLength(self), shard.step().stateBytes(), peakHeap(),
        plan.steps() - begin, laps.times());
    long applied = shard.count(Control.APPLIED);
    long skipped = shard.count(Control.SKIPPED);
    shard.step().evaluate();
    float[] share = new float[Math.toIntExact(layout.shareLength(self))];
    layout.gather(values, layout.share(self), MemorySegment.ofArray(share));
    return new Outcome(share, self == 0 ? losses : null, applied, skipped, begin, report);
  }

  private static long peakHeap() {
    return heapPools().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
  }

  private static Stream<MemoryPoolMXBean> heapPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP);
  }

  @Override
  public void close() throws IOException {
    try (source; shard) {
      exchange.release();
    }
  }
}
