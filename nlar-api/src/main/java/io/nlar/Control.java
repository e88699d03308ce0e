package io.nlar;

/** The elements of a step's {@linkplain Step#control() control block}, all FLOAT64. */
public enum Control {
  /**
   * s of the next run without arguments, finite and &gt; 0; 1 at first; a run with arguments leaves its own here. Read
   * as it is, without a check: what is out of range goes through the formulas (0: every scaled gradient is 0;
   * negative: the step climbs; NaN or infinite: so become values and state).
   */
  GRADIENT_SCALE,
  /** k of the next run without arguments, finite and ≥ 0; 1 at first; as {@link #GRADIENT_SCALE} otherwise. */
  RATE_FACTOR,
  /** t of the last applied step: how many were applied. */
  APPLIED,
  /** How many were skipped or refused for non-finite gradients. */
  SKIPPED,
  /** 1 where the last step was skipped or refused, else 0. */
  LAST_SKIPPED,
  /** N = s·√S of the last step over all tensors; NaN without a reduction. */
  NORM,
  /** Steps that ended on the device, replays of captured graphs included. */
  COMPLETED;

  /** Length of the control block in elements. */
  public static final int LENGTH = 16;
}
