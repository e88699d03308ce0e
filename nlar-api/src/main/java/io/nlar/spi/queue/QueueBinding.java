package io.nlar.spi.queue;

import io.nlar.spi.Binding;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A {@link Binding} of a device with a queue, whose buffers are all {@link QueueBuffer}s.
 *
 * @param gradient null where the parameter is left alone
 * @param target what a step writes: the value or the update; null where it is left alone
 * @param negated whether an update has its sign turned
 * @param state memory of the caller's for all slots, in the order of the plan; empty where it is the engine's
 */
record QueueBinding(
    TensorPlan tensor, QueueBuffer value, QueueBuffer gradient, boolean zeroGradient, QueueBuffer target,
    boolean negated, List<QueueBuffer> state) {

  static List<QueueBinding> of(StepPlan plan, List<Binding> bindings) {
    return bindings.stream()
        .map(binding -> new QueueBinding(binding.tensor(), (QueueBuffer) binding.value(),
            (QueueBuffer) binding.gradient(), binding.zeroGradient(), (QueueBuffer) binding.target(), binding.negated(),
            state(plan, binding)))
        .toList();
  }

  private static List<QueueBuffer> state(StepPlan plan, Binding binding) {
    return binding.tensor().lentState()
        ? plan.groupOf(binding.tensor()).slots().stream().map(slot -> (QueueBuffer) binding.state().get(slot.slot())).toList()
        : List.of();
  }

  /** All buffers that are there. */
  Stream<QueueBuffer> buffers() {
    return Stream.concat(Stream.of(value, gradient, target).filter(Objects::nonNull), state.stream());
  }

  /** Whether a step updates it. */
  boolean busy() {
    return gradient != null && tensor.length() > 0;
  }
}
