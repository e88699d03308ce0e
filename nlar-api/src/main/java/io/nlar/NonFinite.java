package io.nlar;

/**
 * What a step does when a gradient holds a NaN or an infinity, or when the sum of squares overflows. The device sees it
 * in the sum of squares, before the update.
 *
 * <p>Ten steps in a row that were skipped or refused are worth a warning, under this class's name in
 * {@link System.Logger}, and so are a hundred, a thousand and so on; it names the first parameter to blame. The CPU
 * counts every step. Other devices run on by themselves, and are asked only now and then, where the host waits anyway: in
 * {@link Step#await} of the latest step and in {@link Step#stats}; there the warning comes later, and to who never waits,
 * not at all.
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
