package io.nlar;

/** How {@link Step#restore} treats differences between the file and the step. */
public enum Restore {
  /** Same parameters, lengths, types, slots and settings, else nothing is restored. */
  STRICT,
  /**
   * Restores every parameter that file and step share; others keep their state, and the step's settings stay. A shared
   * parameter must still agree in length, type, slots and kind of estimator. The step counter comes from the file. A
   * file that shares no parameter is refused.
   */
  MATCHING,
  /**
   * As {@link #STRICT}, but state may have been kept in another precision: it is converted to the step's, rounded to nearest
   * even. What the file lacks of the masters of narrow values is {@linkplain Step#takeValues taken from the values}; what
   * it has of them, and the step has not, is left out.
   */
  CONVERTING
}
