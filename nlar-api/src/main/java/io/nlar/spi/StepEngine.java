package io.nlar.spi;

import io.nlar.Slot;
import java.util.List;

/**
 * A compiled step on one device: what a backend implements. All calls come under the device's lock, with arguments that
 * have been checked.
 *
 * <p>The constructor has allocated all memory: state slots (zeroed) as {@link io.nlar.StepConfig#slots} lists them, the
 * sums of squares, and the {@linkplain io.nlar.Control control block} (zeroed; the caller sets the two scalars to 1 and
 * the state's start values). {@link #bind} is called before the first run.
 */
public interface StepEngine {

  /** Binds the buffers of all tensors, in the order of the plan. Must change nothing where it throws. */
  void bind(List<Binding> bindings);

  /** Takes over changed settings: a plan that differs only in numbers and in the kind of scaling, decay or policy. */
  void configure(StepPlan plan);

  /** Checks, without changing anything, that a run can start; throws a {@link io.nlar.NlarException} if it cannot. */
  void check();

  /** Enqueues the reduction pass. Called only where the plan has one. */
  void reduce();

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

  /** The state tensor of tensor {@code index}; the same buffer in every call. Null where the plan has no such slot. */
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
