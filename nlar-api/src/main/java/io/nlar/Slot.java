package io.nlar;

/** The state tensors of a parameter. Each has the parameter's length; {@link Storage#type(Slot)} is its element type. */
public enum Slot {
  /** v: the last update without its noise. Kept with momentum. Starts at 0. */
  VELOCITY("velocity"),
  /** D: the learning rate γ less its base, which is λ for Nlarsm and 0 for the others. Starts at λ less the base. */
  RATE("rate"),
  /** A: the weight of evidence Q less its start Q0. Starts at 0. */
  WEIGHT("weight"),
  /** ε: the frozen noise, where the step has {@link Noise.Frozen}. */
  NOISE("noise"),
  /** m of {@link AdamW}: the decaying mean of the scaled gradients. Starts at 0. */
  MEAN("mean"),
  /** q of {@link AdamW}: the decaying mean of their squares. Starts at 0. */
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
  MASTER("master");

  private final String label;

  Slot(String label) {
    this.label = label;
  }

  /** The slot's name in a state file. */
  public String label() {
    return label;
  }
}
