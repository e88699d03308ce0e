package io.nlar;

import java.util.Objects;

/**
 * A named tensor that a step updates.
 *
 * @param name unique within the step, of 1 to 65536 characters; state is saved under it
 * @param value θ, updated in place
 * @param gradient g, of the value's length and as a rule its type (narrow and FLOAT32 ones go together: {@link Storage});
 *     null: the parameter is left alone until one is {@linkplain Step#rebind bound}
 * @param zeroGradient whether the step sets the gradient to 0 in the same pass (also when it skips; not when it fails)
 * @param state memory for the state; null: the step's own
 * @param update what is written instead of the new value; null: the value is updated. Else the value is only read, and only
 *     where there is weight decay: without it any buffer of its type and length may stand for it, the gradient too
 * @param part the part of a larger tensor that all of these are; null: they are the whole
 */
public record Parameter(
    String name, Buffer value, Buffer gradient, boolean zeroGradient, State state, Update update, Part part) {
  public Parameter {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, "value");
  }

  /** A parameter with state of the step's own. */
  public Parameter(String name, Buffer value, Buffer gradient, boolean zeroGradient) {
    this(name, value, gradient, zeroGradient, null, null, null);
  }

  /** A parameter with state of the step's own, whose gradient is only read. */
  public Parameter(String name, Buffer value, Buffer gradient) {
    this(name, value, gradient, false);
  }

  /** This parameter with its state in memory of the caller. */
  public Parameter withState(State state) {
    return new Parameter(name, value, gradient, zeroGradient, state, update, part);
  }

  /** This parameter with its update written down instead of made. */
  public Parameter withUpdate(Update update) {
    return new Parameter(name, value, gradient, zeroGradient, state, update, part);
  }

  /** This parameter as a part of a larger tensor of its name. */
  public Parameter withPart(Part part) {
    return new Parameter(name, value, gradient, zeroGradient, state, update, part);
  }
}
