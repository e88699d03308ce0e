package io.nlar;

/**
 * The state tensors of a parameter. Each has the parameter's length, but for those that are one number {@linkplain
 * #perParameter a parameter}; {@link Storage#type(Slot)} is its element type.
 */
public enum Slot {
  /**
   * v: the last update without its noise. Kept with momentum. Starts at 0. Of {@link ScheduleFree} and {@link Nlarsf}: z − x,
   * what the value to evaluate lacks to be the sequence that it averages.
   */
  VELOCITY("velocity"),
  /** D: the learning rate γ less its base, which is λ for Nlarsm and 0 for the others. Starts at λ less the base. */
  RATE("rate"),
  /** A: the weight of evidence Q less its start Q0. Starts at 0. */
  WEIGHT("weight"),
  /** ε: the frozen noise, where the step has {@link Noise.Frozen}. */
  NOISE("noise"),
  /** m of {@link AdamW} and {@link Lion}: the decaying mean of the scaled gradients. Starts at 0. */
  MEAN("mean"),
  /** q of {@link AdamW}, A of {@link ScheduleFree} and {@link Nlarsf}: the decaying mean of their squares. Starts at 0. */
  SQUARE("square"),
  /** f⁻ of {@link Estimator.Nlarbb}: f of the step before. Starts at 0. */
  PREVIOUS("previous"),
  /**
   * The lower 16 bits of the exact value, of which a BFLOAT16 value is the rounded upper half ({@link
   * Precision.Master#REMAINDER}); UINT16. 0 at first. Who writes a value from outside sets it to 0.
   */
  REMAINDER("remainder"),
  /**
   * The exact value, of which a FLOAT16 value is the rounded copy ({@link Precision.Master#FLOAT32}); FLOAT32. At first
   * the value. Who writes a value from outside sets it too: {@link Step#takeValues} does.
   */
  MASTER("master"),
  /** ℓ of {@link Nlarsf}: the logarithm of the rate γ; one FLOAT64 a parameter. Starts at ln min(λ, γmax). */
  LOG_RATE("lograte"),
  /** R of {@link ScheduleFree}: the largest λ·k so far; one FLOAT64 a parameter. Starts at 0. */
  PEAK("peak"),
  /** W of {@link ScheduleFree} and {@link Nlarsf}: the sum of the average's weights; one FLOAT64 a parameter. Starts at 0. */
  AVERAGED("averaged"),
  /** E of {@link Nlarsf}: what speaks against faster growth; one FLOAT64 a parameter. Starts at 1. */
  EVIDENCE("evidence");

  private final String label;

  Slot(String label) {
    this.label = label;
  }

  /** Whether it is one number for the whole parameter, instead of one for each element. */
  public boolean perParameter() {
    return switch (this) {
      case LOG_RATE, PEAK, AVERAGED, EVIDENCE -> true;
      case VELOCITY, RATE, WEIGHT, PREVIOUS, NOISE, MEAN, SQUARE, REMAINDER, MASTER -> false;
    };
  }

  /** Its number of elements for a parameter of {@code length} elements. */
  public long length(long length) {
    return perParameter() ? 1 : length;
  }

  /** The slot's name in a state file. */
  public String label() {
    return label;
  }
}
