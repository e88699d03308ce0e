package io.nlar.testkit;

import io.nlar.DType;
import io.nlar.StepConfig;
import java.util.List;

/**
 * A parameter group without memory: what a reference step and a device's step are both built from.
 *
 * @param config the group's settings
 * @param type the element type of all its parameters
 * @param tensors its parameters, in order of registration
 */
public record GroupSpec(StepConfig config, DType type, List<TensorSpec> tensors) {
  public GroupSpec {
    tensors = List.copyOf(tensors);
  }

  /** A group of these parameters. */
  public static GroupSpec of(StepConfig config, DType type, TensorSpec... tensors) {
    return new GroupSpec(config, type, List.of(tensors));
  }
}
