package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.Noise;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.Storage;
import io.nlar.cpu.kernel.ApplyKernel;
import io.nlar.cpu.kernel.Kernels;
import io.nlar.cpu.kernel.NoiseKernel;
import io.nlar.cpu.kernel.ProductKernel;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.SlotPlan;
import java.util.List;
import java.util.function.ToLongFunction;

/** A group as the update sees it: where its state lies, and its scalars in the step that is run. */
final class Group {
  private static final int COEFFICIENT = ApplyKernel.FRAME;
  private static final int GRADIENT_SCALE = ApplyKernel.FRAME + 1;
  private static final int RATE_FACTOR = ApplyKernel.FRAME + 2;
  private static final int BOUND = ApplyKernel.FRAME + 3;
  private static final int WEIGHT_DECAY = ApplyKernel.FRAME + 4;

  final GroupPlan plan;
  final int valueBytes;
  final int gradientBytes;
  /** Bytes of an element of the noise. */
  final int noiseBytes;
  /** Whether gradients are FLOAT16: kernels are given them widened. */
  final boolean widensGradients;
  /** Whether values are FLOAT16: kernels are given their masters, which are then narrowed. */
  final boolean narrowsMasters;
  /** The storage that kernels see. */
  final Storage kernelStorage;
  /** Whether numbers are rounded by random bits. */
  final boolean rounded;
  final boolean scaledByTensor;
  /** How many numbers are kept of a whole parameter. */
  final int keeps;
  /** Whether the update leaves what is learned from. */
  final boolean observes;
  final ProductKernel productKernel;
  final boolean freshNoise;
  final Noise.Distribution distribution;
  final NoiseKernel noiseKernel;
  /** The rule's slots, and then the remainder's or master's. */
  final List<SlotPlan> kernelSlots;
  /** How many of them are the rule's. */
  final int ruleSlots;
  /** Where these start, and where frozen noise does; of state that was lent the spans know. */
  final long[] slots;
  final long frozenNoise;

  private final double[] scalars = new double[ApplyKernel.SCALARS];
  private double gradientScale;
  private double rateFactor;
  private long t;

  /**
   * A group; made where arithmetic is Java's.
   *
   * @param starts the addresses at which the group's slots start
   */
  Group(GroupPlan plan, ToLongFunction<Slot> starts, int vectorBits) {
    this.plan = plan;
    Storage storage = plan.storage();
    this.valueBytes = storage.value().bytes();
    this.gradientBytes = storage.gradient().bytes();
    this.noiseBytes = plan.type().bytes();
    this.widensGradients = half(storage.gradient());
    this.narrowsMasters = half(storage.value());
    this.kernelStorage = new Storage(narrowsMasters ? DType.FLOAT32 : storage.value(),
        widensGradients ? DType.FLOAT32 : storage.gradient(), storage.state(),
        narrowsMasters ? Precision.Master.NONE : storage.master());
    this.rounded = storage.roundsState() || storage.roundsValue();
    this.scaledByTensor = plan.config().scaling().scope() == Scaling.Scope.TENSOR;
    this.keeps = plan.rule().parameterSlots().size();
    this.observes = plan.rule().observes();
    this.productKernel = observes ? Kernels.products(new ProductKernel.Variant(plan.type(), vectorBits)) : null;
    this.freshNoise = plan.config().noise() instanceof Noise.Fresh;
    this.distribution = plan.config().noise().distribution();
    this.noiseKernel = freshNoise && vectorBits >= NoiseKernel.Variant.NARROWEST
        ? Kernels.noise(new NoiseKernel.Variant(plan.type(), distribution, vectorBits)) : null;
    this.kernelSlots = plan.slots().stream().filter(slot -> slot.slot() != Slot.NOISE).toList();
    this.ruleSlots = kernelSlots.size() - (storage.masterSlot() == null ? 0 : 1);
    this.slots = kernelSlots.stream().map(SlotPlan::slot).mapToLong(starts).toArray();
    this.frozenNoise = plan.config().noise() instanceof Noise.Frozen ? starts.applyAsLong(Slot.NOISE) : 0;
    scalars[BOUND] = plan.bound();
  }

  private static boolean half(DType type) {
    return switch (type) {
      case FLOAT16 -> true;
      case BFLOAT16, FLOAT32, FLOAT64, UINT16 -> false;
    };
  }

  /**
   * Derives the scalars of step {@code t}, rounded to the element type.
   *
   * @param sumOfSquares S of the whole step
   */
  void derive(long t, double gradientScale, double rateFactor, double sumOfSquares) {
    this.t = t;
    this.gradientScale = gradientScale;
    this.rateFactor = rateFactor;
    plan.rule().scalars(t, rateFactor, scalars);
    scalars[GRADIENT_SCALE] = plan.type().round(gradientScale);
    scalars[RATE_FACTOR] = plan.type().round(plan.gradientRate(rateFactor));
    scalars[WEIGHT_DECAY] = plan.weightDecay(rateFactor);
    scalars[COEFFICIENT] = plan.coefficient(sumOfSquares, gradientScale, rateFactor);
  }

  /** The number of the step that is run. */
  long t() {
    return t;
  }

  /** The scalars as kernels take them. */
  double[] scalars() {
    return scalars;
  }

  /** Whether each tensor has scalars of its own. */
  boolean byTensor() {
    return scaledByTensor || keeps > 0;
  }

  /**
   * The same for a tensor with scalars of its own, in {@code to}.
   *
   * @param sumOfSquares its S
   * @param kept the numbers that are kept of it
   */
  double[] scalars(double sumOfSquares, double[] kept, double[] to) {
    System.arraycopy(scalars, 0, to, 0, scalars.length);
    if (scaledByTensor) {
      to[COEFFICIENT] = plan.coefficient(sumOfSquares, gradientScale, rateFactor);
    }
    if (keeps > 0) {
      plan.rule().parameterScalars(rateFactor, kept, to);
    }
    return to;
  }
}
