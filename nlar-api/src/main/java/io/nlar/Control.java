package io.nlar;

/** The elements of a step's {@linkplain Step#control() control block}, all FLOAT64. */
public enum Control {
  /** s of the next run without arguments; 1 at first; a run with arguments leaves its own here. */
  GRADIENT_SCALE,
  /** k of the next run without arguments; 1 at first; a run with arguments leaves its own here. */
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
