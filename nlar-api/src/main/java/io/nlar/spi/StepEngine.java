package io.nlar.spi;

import io.nlar.Slot;
import java.util.List;

/**
 * A compiled step on one device: what a backend implements. All calls come under the device's lock, with arguments that
 * have been checked.
 *
 * <p>The constructor has allocated all memory: state slots (zeroed) as {@link io.nlar.StepConfig#slots} lists them, but for
 * tensors with {@linkplain TensorPlan#lentState state of the caller's}; the sums of squares; and the {@linkplain io.nlar.Control control block} (zeroed; the caller sets the two scalars to 1 and
 * the state's start values). {@link #bind} is called before the first run.
 */
public interface StepEngine {

  /**
   * Binds the buffers of all tensors, in the order of the plan. Must change nothing where it throws.
   *
   * @throws io.nlar.BufferException if kernels cannot keep state in memory that was lent for it
   */
  void bind(List<Binding> bindings);

  /**
   * Moves the gradient of a tensor whose binding is {@link Binding#movable}: its buffer too lies there from now on.
   *
   * @param address checked: the elements from there on overlap nothing that they must not
   * @return false where the engine knows no shorter way than {@link #bind}, and did nothing
   */
  default boolean moveGradient(int index, long address) {
    return false;
  }

  /** Takes over changed settings: a plan that differs only in numbers and in the kind of scaling, decay or policy. */
  void configure(StepPlan plan);

  /** Checks, without changing anything, that a run can start; throws a {@link io.nlar.NlarException} if it cannot. */
  void check();

  /** Enqueues the reduction pass. Called only where the plan has one. */
  void reduce();

  /**
   * The gradient of a tensor will not change before the next reduction pass, which may leave it out if this has taken its
   * sum of squares, with the same bits. Forgotten when buffers are bound, moved, or settings changed. Called only where
   * the plan has a reduction.
   */
  default void reduce(int index) {}

  /**
   * Takes the sums of squares of the blocks of all gradients; the order of {@link #reduce} is not kept to, and the sums of tensors
   * are undefined afterwards. Called only where the plan has a reduction.
   *
   * @param blocks of this device, FLOAT64: {@link TensorPlan#blocks} of each whole tensor, in the plan's order. Those that lie
   *     in a tensor's own part are written, +0 where it has no gradient; the others stay.
   */
  void reduceBlocks(EngineBuffer blocks);

  /**
   * Copies the sums of products that the last update left of blocks. Waits. Called only where the plan {@linkplain
   * StepPlan#learnsLater learns later}.
   *
   * @param products takes d·v, d·d and v·v, each of all {@link StepPlan#blocks}, in the plan's order, one kind behind the other. Those of
   *     tensors that are observed are written, as far as they lie in the own part; where the last update had no gradient of a
   *     tensor, with anything.
   */
  void products(double[] products);

  /**
   * What is kept of whole parameters, FLOAT64: {@link RulePlan#MOST_KEPT} numbers a tensor, in the plan's order. Null where nothing
   * is. The same memory as that of {@link #state}.
   */
  EngineBuffer parameterNumbers();

  /**
   * Enqueues the update with given scalars, which it also leaves in the control block.
   *
   * @param ticket counts the calls from 1
   */
  Outcome apply(long ticket, double gradientScale, double rateFactor);

  /** Enqueues the update with the scalars of the control block. */
  Outcome apply(long ticket);

  /**
   * Waits for a step.
   *
   * @return −1, or for a step refused under {@link io.nlar.NonFinite#FAIL} the first tensor with a non-finite sum of
   *     squares (the number of tensors, where only their total was not finite)
   */
  int await(long ticket);

  /** What is known of an update when its call returns. */
  enum Outcome {
    /** Nothing yet: it is enqueued. */
    ENQUEUED,
    /** It is done. */
    APPLIED,
    /** It is done, and left everything alone for its gradients were not finite. */
    SKIPPED
  }

  /**
   * The state tensor of tensor {@code index}; the same buffer in every call, as long as the same is bound. Null where the
   * plan has no such slot.
   */
  EngineBuffer state(int index, Slot slot);

  /** The sums of squares, FLOAT64: the total, then one per tensor. */
  EngineBuffer sumsOfSquares();

  /** The control block, FLOAT64, {@link io.nlar.Control#LENGTH} elements. */
  EngineBuffer control();

  /**
   * Fills {@code scalars} with the control block as the host sees it without waiting, and asks for a newer view where that
   * one may be old: {@link io.nlar.Step#peek}.
   */
  void peek(double[] scalars);

  /** Waits for what runs and releases everything. Called once. */
  void close();
}
