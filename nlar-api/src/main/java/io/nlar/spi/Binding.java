package io.nlar.spi;

import io.nlar.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A parameter and its buffers, of the engine's own device and checked against the plan.
 *
 * @param tensor the parameter
 * @param value θ
 * @param gradient g; null: the step leaves the parameter alone, and its sum of squares is +0
 * @param zeroGradient whether the step sets the gradient to 0 afterwards
 * @param movable whether the gradient may be {@linkplain StepEngine#moveGradient moved}; its buffer is the step's then
 * @param state the caller's memory for all slots of a tensor that {@linkplain TensorPlan#lentState lends} it; else empty
 */
public record Binding(TensorPlan tensor, EngineBuffer value, EngineBuffer gradient, boolean zeroGradient,
    boolean movable, Map<Slot, EngineBuffer> state) {

  /** A binding of a tensor whose state is the engine's. */
  public Binding(TensorPlan tensor, EngineBuffer value, EngineBuffer gradient, boolean zeroGradient) {
    this(tensor, value, gradient, zeroGradient, false, Map.of());
  }

  /** This binding with another memory for the state. */
  public Binding withState(Map<Slot, EngineBuffer> other) {
    return new Binding(tensor, value, gradient, zeroGradient, movable, other);
  }

  /** This binding with a gradient that may be moved. */
  public Binding withMovable(EngineBuffer other) {
    return new Binding(tensor, value, other, zeroGradient, true, state);
  }

  /** All buffers that are there. */
  public List<EngineBuffer> buffers() {
    List<EngineBuffer> all = new ArrayList<>(state.values());
    all.add(value);
    if (gradient != null) {
      all.add(gradient);
    }
    return all;
  }
}
