package io.nlar.internal;

import io.nlar.CallOrderException;
import io.nlar.Control;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.RulePlan;
import io.nlar.spi.StandardArithmetic;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * What rules that observe their update learn where tensors lie in parts (docs/numerics.md, "Averaged rules"). The update leaves the
 * numbers of parameters alone. They advance when the sums of products of all its blocks are there: with the sums of squares of the
 * step after it, or when they are asked for. So no second exchange is needed, and every worker has the numbers of the undivided step.
 */
final class PartLearning {
  private static final int PRODUCTS = StepPlan.PRODUCTS;
  private static final int LANES = FixedShape.LANES;

  private final StepEngine engine;
  private final List<TensorPlan> tensors;
  private final int blocks;
  /** Where the blocks of each tensor start among those of all. */
  private final long[] starts;
  private final double[] products;
  private final double[][] sums;
  private final double[][] lanes = new double[PRODUCTS][LANES];
  private final double[] numbers;
  private final double[] kept = new double[RulePlan.MOST_KEPT];
  private final FixedShape shape = new FixedShape();
  private final HostBlock control;
  /** Which tensors an update changes, as buffers are bound now; and those of the last update. */
  private boolean[] bound;
  private boolean[] updated;
  /** The settings and k of the last update; null before the first one. */
  private StepPlan plan;
  private double rateFactor;
  /** How many steps were applied when numbers were last known to be those of all of them. */
  private double takenAt;
  private boolean taken;
  private boolean left;

  /** For a step that {@linkplain StepPlan#learnsLater learns later}. */
  PartLearning(StepPlan plan, StepEngine engine) {
    this.engine = engine;
    this.tensors = plan.tensors();
    this.blocks = Math.toIntExact(plan.blocks());
    this.starts = plan.blockStarts();
    this.products = new double[Math.multiplyExact(PRODUCTS, blocks)];
    this.sums = new double[PRODUCTS][plan.tensors().size()];
    this.numbers = new double[plan.tensors().size() * RulePlan.MOST_KEPT];
    this.control = new HostBlock(engine.control());
  }

  /** Buffers were bound. */
  void bound(StepPlan now, List<Binding> bindings) {
    boolean[] busy = new boolean[bindings.size()];
    for (Binding binding : bindings) {
      busy[binding.tensor().index()] =
          observed(now, binding.tensor()) && binding.gradient() != null && binding.tensor().length() > 0;
    }
    bound = busy;
  }

  private static boolean observed(StepPlan plan, TensorPlan tensor) {
    return plan.groupOf(tensor).rule().observes();
  }

  /** k as the control block has it. */
  double rateFactor() {
    control.load();
    return control.get(Control.RATE_FACTOR);
  }

  /** An update was made, or will be before anything else. */
  void launched(StepPlan settings, double rateFactor) {
    this.plan = settings;
    this.updated = bound;
    this.rateFactor = rateFactor;
    taken = false;
    left = false;
  }

  /** Another state was loaded: what the last update left is of no use. */
  void forget() {
    plan = null;
    taken = false;
  }

  /** Whether the next update may come. */
  boolean taken() {
    return taken;
  }

  /** Whether there was an update from which nothing is learned yet. Reads the control block: after the last run. */
  boolean pending() {
    control.load();
    return plan != null && control.get(Control.APPLIED) != takenAt;
  }

  /** Leaves the own blocks' sums, +0 where nothing is to be learned, and NaNs where others' belong. */
  void leave(EngineBuffer to) {
    boolean learns = pending();
    Arrays.fill(products, Double.NaN);
    if (learns) {
      engine.products(products);
    }
    for (TensorPlan tensor : tensors) {
      for (int number = 0; number < PRODUCTS; number++) {
        int from = place(number, tensor) + (int) tensor.firstBlock();
        say(from, from + (int) tensor.ownBlocks(), learns && updated[tensor.index()]);
      }
    }
    to.copyFrom(MemorySegment.ofArray(products));
    left = true;
  }

  /** A NaN means that nobody said anything. Where a product is none, nothing is learned, and so it is where Σ d·d is infinite. */
  private void say(int from, int to, boolean observed) {
    for (int i = from; i < to; i++) {
      products[i] = !observed ? 0 : Double.isNaN(products[i]) ? Double.POSITIVE_INFINITY : products[i];
    }
  }

  /**
   * Computes what is learned from what all workers have said of the last update; changes nothing of the step yet.
   *
   * @return whether there is something
   * @throws CallOrderException if something was not said
   */
  boolean prepare(EngineBuffer from) {
    if (!pending()) {
      return false;
    }
    if (!left) {
      throw new CallOrderException("the sums of products of the last update are not among the sums of blocks: call reduceBlocks(), or"
          + " leaveBlockProducts(), and exchange blockSums() with the other workers before they are taken");
    }
    from.copyTo(MemorySegment.ofArray(products));
    checkSaid();
    engine.parameterNumbers().copyTo(MemorySegment.ofArray(numbers));
    StandardArithmetic.compute(() -> {
      advance();
      learn();
      return null;
    });
    return true;
  }

  /** Goes after {@link #prepare}, when nothing else can be refused. */
  void commit(boolean learned) {
    if (learned) {
      engine.parameterNumbers().copyFrom(MemorySegment.ofArray(numbers));
    }
    takenAt = control.get(Control.APPLIED);
    taken = true;
  }

  /** Where the sums of a product begin of a whole tensor's blocks. */
  private int place(int product, TensorPlan tensor) {
    return product * blocks + (int) starts[tensor.index()];
  }

  private void checkSaid() {
    for (TensorPlan tensor : tensors) {
      int count = (int) tensor.blocks();
      for (int i = 0; i < PRODUCTS * count && observed(plan, tensor); i++) {
        if (Double.isNaN(products[place(i / count, tensor) + i % count])) {
          long first = i % count * (long) StepPlan.BLOCK;
          throw new CallOrderException("nobody has said what the last update left of parameter '" + tensor.name() + "' from element "
              + first + " on, from which " + plan.groupOf(tensor).rule().name() + " learns: exchange all of blockSums(), whose "
              + blocks + " sums of squares are followed by " + PRODUCTS + " times as many sums of products");
        }
      }
    }
  }

  private void advance() {
    for (TensorPlan tensor : tensors) {
      if (updated[tensor.index()]) {
        load(tensor);
        plan.groupOf(tensor).rule().advance(rateFactor, kept);
        store(tensor);
      }
    }
  }

  private void learn() {
    RulePlan rule = null;
    for (double[] each : lanes) {
      Arrays.fill(each, 0);
    }
    for (TensorPlan tensor : tensors) {
      int i = tensor.index();
      if (observed(plan, tensor)) {
        rule = plan.groupOf(tensor).rule();
        for (int number = 0; number < PRODUCTS; number++) {
          sums[number][i] = shape.fold(products, place(number, tensor), (int) tensor.blocks());
          lanes[number][i % LANES] += sums[number][i];
        }
      }
    }
    double evidence = rule.evidence(
        FixedShape.pairwise(lanes[0]), FixedShape.pairwise(lanes[1]), FixedShape.pairwise(lanes[2]));
    if (!Double.isNaN(evidence)) {
      learnFrom(evidence);
    }
  }

  private void learnFrom(double evidence) {
    for (TensorPlan tensor : tensors) {
      int i = tensor.index();
      if (updated[i]) {
        load(tensor);
        plan.groupOf(tensor).rule().learn(evidence, sums[0][i], sums[1][i], sums[2][i], kept);
        store(tensor);
      }
    }
  }

  private void load(TensorPlan tensor) {
    System.arraycopy(numbers, tensor.index() * RulePlan.MOST_KEPT, kept, 0, RulePlan.MOST_KEPT);
  }

  private void store(TensorPlan tensor) {
    System.arraycopy(kept, 0, numbers, tensor.index() * RulePlan.MOST_KEPT, RulePlan.MOST_KEPT);
  }
}
