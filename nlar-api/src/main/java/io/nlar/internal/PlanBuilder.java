package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Part;
import io.nlar.SettingException;
import io.nlar.Storage;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Checks parameter groups and flattens them into a {@link StepPlan}. */
final class PlanBuilder {
  private PlanBuilder() {}

  static StepPlan plan(DeviceInfo device, List<ParameterGroup> groups) {
    if (groups.isEmpty()) {
      throw new ParameterException("a step needs at least one parameter group; none was given");
    }
    List<GroupPlan> groupPlans = new ArrayList<>();
    List<TensorPlan> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long elements = groups.stream().flatMap(group -> group.parameters().stream())
        .mapToLong(PlanBuilder::whole).sum();
    for (ParameterGroup group : groups) {
      int number = groupPlans.size();
      if (group.parameters().isEmpty()) {
        throw new ParameterException("parameter group " + number + " is empty; leave it out or give it a parameter");
      }
      DType type = group.parameters().getFirst().value().type();
      for (Parameter parameter : group.parameters()) {
        checkName(parameter.name(), names);
        if (parameter.value().type() != type) {
          throw new ParameterException("parameter '" + parameter.name() + "' is " + parameter.value().type()
              + " in a group of " + type + "; put parameters of another type into a group of their own");
        }
        checkGradient(parameter);
        checkPart(parameter);
        tensors.add(new TensorPlan(tensors.size(), parameter.name(), number, parameter.value().length(), offset(parameter),
            whole(parameter), parameter.update() != null, parameter.state() != null));
      }
      GroupPlan plan = plan(number, group, type, elements);
      checkKnown(device, number, plan.storage());
      checkUpdates(number, group, plan.storage());
      checkAveraged(number, group, plan);
      SettingsCheck.check(number, plan);
      groupPlans.add(plan);
    }
    return new StepPlan(groupPlans, tensors);
  }

  private static long offset(Parameter parameter) {
    return parameter.part() == null ? 0 : parameter.part().offset();
  }

  private static long whole(Parameter parameter) {
    return parameter.part() == null ? parameter.value().length() : parameter.part().length();
  }

  private static void checkPart(Parameter parameter) {
    long length = parameter.value().length();
    long end = offset(parameter) + length;
    if (end > whole(parameter)) {
      throw new ParameterException("parameter '" + parameter.name() + "' has " + length + " elements from element "
          + offset(parameter) + " on, but is part of a tensor of " + whole(parameter));
    }
    if (end % Part.UNIT != 0 && end != whole(parameter) && length > 0) {
      throw new ParameterException("the part of parameter '" + parameter.name() + "' ends at element " + end + " of "
          + whole(parameter) + "; but for the last one, parts end at multiples of " + Part.UNIT
          + ", since sums are formed in blocks of so many elements: Part.boundary gives such places");
    }
  }

  private static void checkGradient(Parameter parameter) {
    if (parameter.gradient() != null
        && parameter.gradient().type().arithmetic() != parameter.value().type().arithmetic()) {
      throw new ParameterException("the gradient of parameter '" + parameter.name() + "' is " + parameter.gradient().type()
          + "; the parameter is " + parameter.value().type() + ", and a step computes in one type");
    }
  }

  /** Gradients have the type of the first one that is there; where there is none yet, the values'. */
  private static GroupPlan plan(int number, ParameterGroup group, DType value, long elements) {
    DType gradient = group.parameters().stream().map(Parameter::gradient).filter(Objects::nonNull).map(Buffer::type)
        .findFirst().orElse(value);
    try {
      return new GroupPlan(group.config(), value, gradient, elements);
    } catch (SettingException e) {
      throw new SettingException("parameter group " + number + ": " + e.getMessage());
    }
  }

  private static void checkKnown(DeviceInfo device, int number, Storage storage) {
    for (DType type : List.of(storage.value(), storage.gradient(), storage.state())) {
      if (!device.types().contains(type)) {
        throw new SettingException("parameter group " + number + ": " + device.selector() + " (" + device.name()
            + ") keeps nothing in " + type + "; it knows " + device.types());
      }
    }
  }

  /** A narrow update would be rounded before it is added, and a master that is left alone would not be one. */
  private static void checkUpdates(int number, ParameterGroup group, Storage storage) {
    if (storage.narrow()) {
      group.parameters().stream().filter(parameter -> parameter.update() != null).findFirst().ifPresent(parameter -> {
        throw new SettingException("parameter group " + number + ": the update of parameter '" + parameter.name()
            + "' is asked for, but its values are " + storage.value() + ", its gradients " + storage.gradient()
            + " and its state " + storage.state() + "; updates are written where all of these are FLOAT32 or FLOAT64");
      });
    }
  }

  /** An averaged rule's value is needed whole, and what it keeps of a parameter beside the elements' state is the step's. */
  private static void checkAveraged(int number, ParameterGroup group, GroupPlan plan) {
    if (plan.rule().parameterSlots().isEmpty()) {
      return;
    }
    for (Parameter parameter : group.parameters()) {
      if (parameter.update() != null || parameter.state() != null) {
        throw new SettingException("parameter group " + number + ": the rule " + plan.rule().name() + " writes no updates and keeps"
            + " its state itself, but parameter '" + parameter.name() + "' asks for "
            + (parameter.update() != null ? "its update" : "state in memory of its own")
            + "; leave that out, or take another rule");
      }
    }
  }

  private static void checkName(String name, Set<String> names) {
    if (name.isEmpty()) {
      throw new ParameterException("a parameter has an empty name; state is saved by name");
    }
    if (name.length() > StateFormat.LONGEST_NAME) {
      throw new ParameterException("a parameter has a name of " + name.length() + " characters: '"
          + StateFormat.shortened(name) + "'; names have " + StateFormat.LONGEST_NAME
          + " at most, since state is saved by name");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
      throw new ParameterException("the name of parameter '" + name + "' is no text: it has half of a surrogate pair;"
          + " state is saved by name");
    }
    if (!names.add(name)) {
      throw new ParameterException("two parameters are named '" + name + "'; names must be unique within a step");
    }
  }
}
