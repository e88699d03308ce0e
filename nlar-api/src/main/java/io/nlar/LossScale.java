package io.nlar;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The loss scale of a training whose gradients are FLOAT16: large enough that small gradients do not vanish, and found by
 * trying. It is halved when a step was skipped since its gradients overflowed, and doubled after {@value #GROWS_AFTER} steps
 * in which none did.
 *
 * <pre>{@code
 * LossScale scale = new LossScale(step);
 * for (…) {
 *   backward(loss * scale.value());
 *   step.run(scale.inverse(), 1);     // unscaled within the step; skipped on the device where a gradient overflowed
 *   scale.update();
 * }
 * }</pre>
 *
 * <p>It never waits for the device: {@link #update} takes what is known of steps that have ended, which where steps are
 * enqueued is some steps old ({@link Step#peek}). Steps that were under way when the scale changed do not change it again.
 *
 * <p>Scales are powers of two from 2<sup>-24</sup> to 2<sup>24</sup>, so that scaling and unscaling round nothing but what is
 * too small for the gradients' type. Calls come from one thread. To save it, keep {@link #value}; after the step's state was
 * restored, make a new one of it.
 *
 * <p>Source: dynamic loss scaling of Micikevicius et al., "Mixed Precision Training" (arXiv 1710.03740).
 */
public final class LossScale {
  /** The scale at first. */
  public static final double FIRST = 65_536;
  /** After how many steps without an overflow the scale is doubled. */
  public static final int GROWS_AFTER = 2000;

  private static final double SMALLEST = 0x1p-24;
  private static final double LARGEST = 0x1p24;

  private final Step step;
  private final int growsAfter;
  private final double[] seen = new double[Control.LENGTH];
  private double value;
  /** Steps that were enqueued, counted as {@link Control#COMPLETED} counts those that ended. */
  private long enqueued;
  /** Up to this one they were enqueued with another scale than the one of now. */
  private long outdated;
  /** Steps known to have ended, and how many of them were skipped. */
  private long ended;
  private long skipped;
  /** Steps in a row with this scale that did not overflow. */
  private long good;

  /** From {@value #FIRST}, doubled after {@value #GROWS_AFTER} good steps; otherwise as {@link #LossScale(Step, double, int)}. */
  public LossScale(Step step) {
    this(step, FIRST, GROWS_AFTER);
  }

  /**
   * The scale for the steps that follow. Waits for those before.
   *
   * @param first the scale at first, a power of two from 2<sup>-24</sup> to 2<sup>24</sup>
   * @param growsAfter after how many steps without an overflow it is doubled, at least 1
   * @throws SettingException if one of them is out of its range, or the step does not look whether gradients are finite
   *     ({@link NonFinite#UNCHECKED}), so that it skips none
   * @throws ClosedException if the step was closed
   * @throws StepFailedException if the step failed before
   */
  public LossScale(Step step, double first, int growsAfter) {
    this.step = Objects.requireNonNull(step, "step");
    if (!(first >= SMALLEST && first <= LARGEST && Math.scalb(1.0, Math.getExponent(first)) == first)) {
      throw new SettingException("the first loss scale must be a power of two from 2^-24 to 2^24, not " + first);
    }
    if (growsAfter < 1) {
      throw new SettingException("a loss scale grows after at least 1 step, not " + growsAfter);
    }
    if (!looks(step)) {
      throw new SettingException("a loss scale needs a step that skips where gradients overflow, and this one does not look:"
          + " set NonFinite.SKIP in the configuration of a group");
    }
    this.value = first;
    this.growsAfter = growsAfter;
    step.peek(seen); // the device gets ready for it now, and not in a step
    try (Buffer control = step.control()) {
      control.copyTo(MemorySegment.ofArray(seen));
    }
    ended = count(Control.COMPLETED);
    skipped = count(Control.SKIPPED);
    enqueued = ended;
    outdated = ended;
  }

  /** Whether one of the step's groups has it look at all gradients. */
  private static boolean looks(Step step) {
    for (int group = 0; group < step.groups(); group++) {
      StepConfig config = step.config(group);
      if (config.scaling().needsReduction() || config.nonFinite() == NonFinite.SKIP || config.nonFinite() == NonFinite.FAIL) {
        return true;
      }
    }
    return false;
  }

  /** By what the loss is to be multiplied before its gradients are taken. */
  public double value() {
    return value;
  }

  /** The gradient scale s that takes it back: the first argument of {@link Step#run(double, double)}; exact. */
  public double inverse() {
    return 1 / value;
  }

  /**
   * To be called after each run of the step: takes account of the steps that have ended since.
   *
   * @return whether the scale is another one now
   * @throws ClosedException if the step was closed
   * @throws StepFailedException if the step failed
   */
  public boolean update() {
    enqueued++;
    step.peek(seen);
    long nowEnded = count(Control.COMPLETED);
    if (nowEnded <= ended) {
      return false;
    }
    boolean lastSkipped = at(Control.LAST_SKIPPED) != 0;
    boolean allWithThisScale = ended >= outdated;
    long since = nowEnded - Math.max(ended, outdated);
    boolean anySkipped = count(Control.SKIPPED) > skipped;
    ended = nowEnded;
    skipped = count(Control.SKIPPED);
    if (since <= 0) {
      return false;
    }
    // Of steps seen together, some with this scale and some with the one before, the last one alone is known to be its own.
    if (allWithThisScale ? anySkipped : lastSkipped) {
      return set(value / 2);
    }
    good += since;
    return good >= growsAfter && set(value * 2);
  }

  private boolean set(double wanted) {
    good = 0;
    double before = value;
    value = Math.clamp(wanted, SMALLEST, LARGEST);
    if (value == before) {
      return false;
    }
    outdated = Math.max(enqueued, ended);
    return true;
  }

  private double at(Control scalar) {
    return seen[scalar.ordinal()];
  }

  private long count(Control scalar) {
    return (long) at(scalar);
  }

  @Override
  public String toString() {
    return "loss scale " + value;
  }
}
