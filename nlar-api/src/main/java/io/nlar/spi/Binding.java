package io.nlar.spi;

import io.nlar.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A parameter and its buffers, of the engine's own device and checked against the plan.
 *
 * @param tensor the parameter
 * @param value θ; of a tensor that {@linkplain TensorPlan#updates writes updates} not written, and only read for weight decay
 * @param gradient g; null: the step leaves the parameter alone, and its sum of squares is +0
 * @param zeroGradient whether the step sets the gradient to 0 afterwards
 * @param movable whether the gradient may be {@linkplain StepEngine#moveGradient moved}; its buffer is the step's then
 * @param update where the update of such a tensor goes; null: over the gradient
 * @param negated whether the update has its sign turned
 * @param state the caller's memory for all slots of a tensor that {@linkplain TensorPlan#lentState lends} it; else empty
 */
public record Binding(TensorPlan tensor, EngineBuffer value, EngineBuffer gradient, boolean zeroGradient,
    boolean movable, EngineBuffer update, boolean negated, Map<Slot, EngineBuffer> state) {

  /** A binding of a tensor whose value is updated and whose state is the engine's. */
  public Binding(TensorPlan tensor, EngineBuffer value, EngineBuffer gradient, boolean zeroGradient) {
    this(tensor, value, gradient, zeroGradient, false, null, false, Map.of());
  }

  /** This binding with another memory for the state. */
  public Binding withState(Map<Slot, EngineBuffer> other) {
    return new Binding(tensor, value, gradient, zeroGradient, movable, update, negated, other);
  }

  /** This binding with a gradient that may be moved. */
  public Binding withMovable(EngineBuffer other) {
    return new Binding(tensor, value, other, zeroGradient, true, update, negated, state);
  }

  /** All buffers that are there. */
  public List<EngineBuffer> buffers() {
    List<EngineBuffer> all = new ArrayList<>(state.values());
    all.add(value);
    if (gradient != null) {
      all.add(gradient);
    }
    if (update != null) {
      all.add(update);
    }
    return all;
  }

  /** Checks that no buffer was closed; before a run whenever the device's buffers were, so without a list of them. */
  public void checkOpen() {
    value.checkOpen();
    if (gradient != null) {
      gradient.checkOpen();
    }
    if (update != null) {
      update.checkOpen();
    }
    if (!state.isEmpty()) {
      state.values().forEach(EngineBuffer::checkOpen);
    }
  }

  /** What the step writes: the value or the update; null where it has no gradient to write it over. */
  public EngineBuffer target() {
    return !tensor.updates() ? value : update != null ? update : gradient;
  }

  /** Whether the update goes over the gradient. */
  public boolean overGradient() {
    return tensor.updates() && update == null;
  }
}
