package io.nlar.spi.queue;

import io.nlar.spi.Binding;
import io.nlar.spi.TensorPlan;
import java.util.List;

/**
 * A {@link Binding} of a device with a queue, whose buffers are all {@link QueueBuffer}s.
 *
 * @param gradient null where the parameter is left alone
 */
record QueueBinding(TensorPlan tensor, QueueBuffer value, QueueBuffer gradient, boolean zeroGradient) {

  static List<QueueBinding> of(List<Binding> bindings) {
    return bindings.stream()
        .map(binding -> new QueueBinding(binding.tensor(), (QueueBuffer) binding.value(),
            (QueueBuffer) binding.gradient(), binding.zeroGradient()))
        .toList();
  }

  /** Whether a step updates it. */
  boolean busy() {
    return gradient != null && tensor.length() > 0;
  }
}
