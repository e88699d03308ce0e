package io.nlar;

/**
 * What a step does when a gradient holds a NaN or an infinity, or when the sum of squares overflows. The device sees it
 * in the sum of squares, before the update.
 *
 * <p>The strictest policy among a step's groups holds for the whole step: {@link #FAIL}, then {@link #SKIP}.
 */
public enum NonFinite {
  /** {@link #SKIP} where the step has a reduction pass, else {@link #UNCHECKED}. */
  AUTO,
  /**
   * Values and state stay as they are, t does not advance, a counter does. Gradients that ask to be zeroed are zeroed,
   * so that an accumulating framework leaves the bad gradient behind.
   */
  SKIP,
  /** Nothing changes, and waiting for the step throws {@link NonFiniteGradientException}. */
  FAIL,
  /** No check. Only for element-wise scaling, where there is no reduction pass. */
  UNCHECKED
}
