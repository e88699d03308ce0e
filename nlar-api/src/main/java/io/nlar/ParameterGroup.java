package io.nlar;

import java.util.List;
import java.util.Objects;

/**
 * Parameters that share settings. Groups of one step may differ in settings; a global norm spans all of them. All values
 * of a group have one type, and all gradients.
 *
 * @param config the group's settings
 * @param parameters at least one, in order of registration
 */
public record ParameterGroup(StepConfig config, List<Parameter> parameters) {
  public ParameterGroup {
    Objects.requireNonNull(config, "config");
    parameters = List.copyOf(Objects.requireNonNull(parameters, "parameters"));
  }
}
