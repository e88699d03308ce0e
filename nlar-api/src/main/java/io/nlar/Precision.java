package io.nlar;

import java.io.Serializable;
import java.util.Objects;

/**
 * How much of what a step computes is kept between steps. It always computes in binary32 (binary64 for FLOAT64); what is
 * kept may be narrower. The types of values and gradients are those of their buffers; this says the rest.
 *
 * <p>Source: docs/numerics.md, "Low precision"; what it costs and saves: docs/low-precision.md.
 *
 * @param state the type of the state
 * @param master how the exact value behind a narrow one is kept
 * @param seed S, of the random bits by which numbers are rounded; no matter where nothing is rounded so
 */
public record Precision(State state, Master master, long seed) implements Serializable {

  /** The type of the state tensors that a rule keeps; frozen noise is never narrowed. */
  public enum State {
    /** The type that the step computes in: 12 bytes an element for FLOAT32 values. The default. */
    FULL,
    /** BFLOAT16, rounded stochastically: 6 bytes. Not for FLOAT64 values. */
    COMPACT
  }

  /** How the exact value behind a 16-bit one is kept. */
  public enum Master {
    /** REMAINDER for BFLOAT16 values, FLOAT32 for FLOAT16, NONE for the wide types. The default. */
    AUTO,
    /** Not at all. A BFLOAT16 value is then rounded stochastically in every step. */
    NONE,
    /**
     * The value is a binary32 rounded to BFLOAT16, and the slot {@link Slot#REMAINDER} holds the 16 bits that it lacks:
     * together they are exactly the value of a FLOAT32 run.
     */
    REMAINDER,
    /** A FLOAT32 copy in the slot {@link Slot#MASTER}; the FLOAT16 value is that, rounded. */
    FLOAT32
  }

  public Precision {
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(master, "master");
  }

  /** State in full; a master where values are narrow. */
  public static Precision full() {
    return new Precision(State.FULL, Master.AUTO, 0);
  }

  /** State in BFLOAT16; a master where values are narrow. */
  public static Precision compact() {
    return new Precision(State.COMPACT, Master.AUTO, 0);
  }

  /** This precision with another kind of master. */
  public Precision withMaster(Master master) {
    return new Precision(state, master, seed);
  }

  /** This precision with another seed. */
  public Precision withSeed(long seed) {
    return new Precision(state, master, seed);
  }

  /**
   * How parameters with values and gradients of these types are kept.
   *
   * @throws SettingException if they cannot be kept so; says what can
   */
  public Storage storage(DType value, DType gradient) {
    DType kept = switch (state) {
      case FULL -> value.arithmetic();
      case COMPACT -> DType.BFLOAT16;
    };
    Master resolved = master != Master.AUTO ? master : switch (value) {
      case BFLOAT16 -> Master.REMAINDER;
      case FLOAT16 -> Master.FLOAT32;
      case FLOAT32, FLOAT64, UINT16 -> Master.NONE;
    };
    return new Storage(value, gradient, kept, resolved);
  }
}
