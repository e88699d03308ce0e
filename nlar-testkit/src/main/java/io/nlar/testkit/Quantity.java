package io.nlar.testkit;

/** What a trace records of a step. */
public enum Quantity {
  /** θ. */
  THETA("theta"),
  /** γ. */
  LEARNING_RATE("learningRate"),
  /** v, where the settings keep it. */
  VELOCITY("velocity");

  private final String label;

  Quantity(String label) {
    this.label = label;
  }

  /** Its name in trace files. */
  public String label() {
    return label;
  }
}
