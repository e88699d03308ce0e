package io.nlar;

import java.util.Map;
import java.util.Objects;

/**
 * A parameter's state in memory that the caller lends, because a framework keeps, saves or averages it there. The step
 * works on these buffers in place, and {@link Step#save}, {@link Step#restore} and {@link Step#state} do; they stay the
 * caller's, who closes them after the step.
 *
 * @param slots a buffer for each slot that the configuration {@linkplain StepConfig#slots(DType) keeps}: of the step's
 *     device, of the parameter's length and of the slot's {@linkplain Storage#type type}, and no memory twice. On the CPU
 *     native memory, on CUDA on a boundary of 16 bytes
 * @param resumed whether they hold a state already, which is taken as it is; else they are set to the start values
 */
public record State(Map<Slot, Buffer> slots, boolean resumed) {
  public State {
    slots = Map.copyOf(Objects.requireNonNull(slots, "slots"));
  }

  /** Memory that is set to the start values. */
  public static State fresh(Map<Slot, Buffer> slots) {
    return new State(slots, false);
  }

  /** Memory that holds a state. */
  public static State resumed(Map<Slot, Buffer> slots) {
    return new State(slots, true);
  }
}
