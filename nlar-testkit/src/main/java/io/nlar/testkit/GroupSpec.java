package io.nlar.testkit;

import io.nlar.DType;
import io.nlar.StepConfig;
import io.nlar.Storage;
import java.util.List;

/**
 * A parameter group without memory: what a reference step and a device's step are both built from.
 *
 * @param config the group's settings
 * @param type the type of all values
 * @param gradient the type of all gradients
 * @param tensors its parameters, in order of registration
 */
public record GroupSpec(StepConfig config, DType type, DType gradient, List<TensorSpec> tensors) {
  public GroupSpec {
    tensors = List.copyOf(tensors);
  }

  /** A group whose values and gradients have one type. */
  public GroupSpec(StepConfig config, DType type, List<TensorSpec> tensors) {
    this(config, type, type, tensors);
  }

  /** How its elements are kept. */
  public Storage storage() {
    return config.storage(type, gradient);
  }

  /** A group of these parameters. */
  public static GroupSpec of(StepConfig config, DType type, TensorSpec... tensors) {
    return new GroupSpec(config, type, List.of(tensors));
  }
}
