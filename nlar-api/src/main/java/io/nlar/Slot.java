package io.nlar;

/** The state tensors of a parameter. Each has the parameter's length and element type. */
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
  SQUARE("square");

  private final String label;

  Slot(String label) {
    this.label = label;
  }

  /** The slot's name in a state file. */
  public String label() {
    return label;
  }
}
