package io.nlar.spark;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.GradientTree;
import io.nlar.spark.Exchange.Kind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * One worker's training, which is one task of a barrier stage. In a step it sends each other worker its sums of gradients for that
 * one's share, the sums of its own share's blocks with its losses, and its share's new values. Before a checkpoint it sends sums once more
 * where a rule learns from its update, so that what was learned is saved.
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
  /** By worker, what comes of the gradients for this share: nodes of the tree. None of this one's own. */
  private final List<List<GradientTree.Node>> coming = new ArrayList<>();
  /** By worker, its micro-batches' losses and its blocks' sums. */
  private final double[][] sums;
  private final Laps laps = new Laps();

  /** Opens what a worker needs; waits for the others. */
  Worker(Plan plan, Broadcast<float[][]> initial, BarrierTaskContext context) throws Exception {
    this.plan = plan;
    this.layout = plan.layout();
    this.self = context.partitionId();
    this.workers = layout.workers();
    this.losses = new double[Math.toIntExact(plan.steps())];
    this.sums = new double[workers][];
    ProcessMemory.forgetPeak();
    values = layout.arrays();
    float[][] shipped = initial.value();
    for (int i = 0; i < values.length; i++) {
      System.arraycopy(shipped[i], 0, values[i], 0, values[i].length);
    }
    rendezvous = new Rendezvous(context);
    exchange = new Exchange(context, rendezvous, plan.run(), incoming());
    Gradients opened = null;
    try {
      opened = plan.source().open();
      source = opened;
      microBatches = new MicroBatches(layout, source, plan.microBatches(), self);
      shard = new Shard(layout, self, values, Math.max(1, context.cpus()));
    } catch (Throwable failure) {
      exchange.close();
      if (opened != null) {
        opened.close();
      }
      throw failure;
    }
  }

  /** All that the others send in a step, and where it goes. */
  private List<Exchange.Incoming> incoming() {
    List<Exchange.Incoming> all = new ArrayList<>();
    for (int from = 0; from < workers; from++) {
      List<GradientTree.Node> nodes = new ArrayList<>();
      sums[from] = new double[batches(from) + layout.sumsPerBlock() * blocks(from)];
      if (from != self) {
        for (GradientTree.Node node : MicroBatches.shape(plan.microBatches(), first(from), first(from + 1)).nodes()) {
          MemorySegment sum = MemorySegment.ofArray(new float[Math.toIntExact(layout.shareLength(self))]);
          all.add(new Exchange.Incoming(Kind.GRADIENTS, from, nodes.size(), sum.byteSize(), into(sum)));
          nodes.add(new GradientTree.Node(node.level(), node.index(), sum));
        }
        all.add(new Exchange.Incoming(Kind.SUMS, from, 0, (long) sums[from].length * Double.BYTES,
            into(MemorySegment.ofArray(sums[from]))));
        long begin = layout.shareByte(from);
        all.add(new Exchange.Incoming(Kind.VALUES, from, 0, layout.shareBytes(from),
            (offset, piece) -> layout.scatter(piece, begin + offset, values)));
      }
      coming.add(nodes);
    }
    return all;
  }

  private static Exchange.Receiver into(MemorySegment target) {
    return (offset, piece) -> MemorySegment.copy(piece, 0, target, offset, piece.byteSize());
  }

  private int first(int worker) {
    return MicroBatches.first(plan.microBatches(), worker, workers);
  }

  private int batches(int worker) {
    return first(worker + 1) - first(worker);
  }

  private int blocks(int worker) {
    return layout.blocksBefore(worker + 1) - layout.blocksBefore(worker);
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
        learn();
        checkpoints.save(done, shard, values, losses);
        laps.end(Laps.Part.CHECKPOINT);
      }
    }
    rendezvous.meet(); // all have what this worker sent, whose connections may end now
    laps.end(Laps.Part.WAIT);
    return outcome(begin);
  }

  private void step(long step, Map<String, float[]> named) throws Exception {
    double[] batchLosses = new double[plan.microBatches()];
    GradientTree tree = microBatches.compute(step, named, batchLosses, laps);
    MemorySegment averaged = averaged(tree);
    double[] own = shard.reduce(averaged);
    laps.end(Laps.Part.STEP);
    exchangeSums(own, batchLosses);
    losses[Math.toIntExact(step)] = average(batchLosses);
    shard.apply(plan.schedule().at(step));
    laps.end(Laps.Part.STEP);
    exchangeValues();
  }

  /** The average of all micro-batches' gradients, for the elements of this share. */
  private MemorySegment averaged(GradientTree tree) throws InterruptedException {
    List<GradientTree.Node> nodes = tree.nodes();
    toOthers(to -> {
      for (int i = 0; i < nodes.size(); i++) {
        MemorySegment part = nodes.get(i).sum().asSlice(layout.shareByte(to), layout.shareBytes(to));
        exchange.send(Kind.GRADIENTS, to, i, part.byteSize(), from(part));
      }
    });
    GradientTree shares = new GradientTree(DType.FLOAT32, plan.microBatches());
    nodes.forEach(node -> shares.add(new GradientTree.Node(node.level(), node.index(),
        node.sum().asSlice(layout.shareByte(self), layout.shareBytes(self)))));
    laps.end(Laps.Part.EXCHANGE);
    exchange.await(Kind.GRADIENTS, laps);
    coming.forEach(sent -> sent.forEach(shares::add));
    MemorySegment averaged = shares.average();
    laps.end(Laps.Part.AVERAGE);
    return averaged;
  }

  private static Exchange.Source from(MemorySegment source) {
    return (offset, piece) -> MemorySegment.copy(source, offset, piece, 0, piece.byteSize());
  }

  /** The next worker first, so that not all begin with the same one. */
  private void toOthers(IntConsumer send) {
    for (int distance = 1; distance < workers; distance++) {
      send.accept((self + distance) % workers);
    }
  }

  /** Tells the others this share's sums and losses, and takes in theirs. */
  private void exchangeSums(double[] own, double[] batchLosses) throws InterruptedException {
    System.arraycopy(batchLosses, first(self), sums[self], 0, batches(self));
    exchangeSums(own);
    for (int from = 0; from < workers; from++) {
      System.arraycopy(sums[from], 0, batchLosses, first(from), batches(from));
    }
  }

  private void exchangeSums(double[] own) throws InterruptedException {
    System.arraycopy(own, 0, sums[self], batches(self), own.length);
    MemorySegment message = MemorySegment.ofArray(sums[self]);
    toOthers(to -> exchange.send(Kind.SUMS, to, 0, message.byteSize(), from(message)));
    exchange.await(Kind.SUMS, laps);
    for (int from = 0; from < workers; from++) {
      shard.take(from, sums[from], batches(from));
    }
  }

  /** Has the numbers of parameters that one process has after its last step. The next step's sums would bring them otherwise. */
  private void learn() throws InterruptedException {
    if (layout.sumsPerBlock() > 1) {
      exchangeSums(shard.leave());
      shard.learn();
    }
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
  private void exchangeValues() throws InterruptedException {
    long begin = layout.shareByte(self);
    toOthers(to -> exchange.send(Kind.VALUES, to, 0, layout.shareBytes(self),
        (offset, piece) -> layout.gather(values, begin + offset, piece)));
    exchange.await(Kind.VALUES, laps);
  }

  private Outcome outcome(long begin) {
    WorkerReport report = new WorkerReport(self, layout.shareLength(self), shard.step().stateBytes(), ProcessMemory.peakHeap(),
        ProcessMemory.peakResident(), ProcessMemory.committedNative(), plan.steps() - begin, laps.times());
    long applied = shard.count(Control.APPLIED);
    long skipped = shard.count(Control.SKIPPED);
    shard.step().evaluate();
    float[] share = new float[Math.toIntExact(layout.shareLength(self))];
    layout.gather(values, layout.shareByte(self), MemorySegment.ofArray(share));
    return new Outcome(share, self == 0 ? losses : null, applied, skipped, begin, report);
  }

  @Override
  public void close() throws IOException {
    try (source; shard) {
      exchange.close();
    }
  }
}
