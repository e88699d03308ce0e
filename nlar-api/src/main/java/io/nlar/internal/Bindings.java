package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.Slot;
import io.nlar.Update;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.EngineDevice;
import io.nlar.spi.Extent;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Checks the buffers of parameters against a plan and against each other. */
final class Bindings {
  private Bindings() {}

  /** The binding of one parameter to a tensor of the plan. */
  static Binding of(EngineDevice device, StepPlan plan, TensorPlan tensor, Parameter parameter) {
    EngineBuffer value = checked(device, tensor, plan.groupOf(tensor).storage().value(), "value", parameter.value());
    EngineBuffer gradient = parameter.gradient() == null
        ? null
        : checked(device, tensor, plan.groupOf(tensor).storage().gradient(), "gradient", parameter.gradient());
    Update update = parameter.update();
    if (update != null && update.target() == null && parameter.zeroGradient()) {
      throw new ParameterException("the gradient of parameter '" + tensor.name() + "' is to be zeroed, and its update to be"
          + " written over it; give the update a buffer of its own, or leave the gradient to it");
    }
    EngineBuffer target = update == null || update.target() == null
        ? null
        : checked(device, tensor, plan.groupOf(tensor).storage().value(), "update", update.target());
    return new Binding(tensor, value, gradient, parameter.zeroGradient(), false, target,
        update != null && update.sign() == Update.Sign.SUBTRACTED,
        parameter.state() == null ? Map.of() : state(device, plan.groupOf(tensor), tensor, parameter.state().slots()));
  }

  private static Map<Slot, EngineBuffer> state(
      EngineDevice device, GroupPlan group, TensorPlan tensor, Map<Slot, Buffer> given) {
    Map<Slot, EngineBuffer> state = new EnumMap<>(Slot.class);
    for (SlotPlan slot : group.slots()) {
      Buffer buffer = given.get(slot.slot());
      if (buffer != null) {
        state.put(slot.slot(), lent(device, tensor, slot, buffer));
      }
    }
    if (state.size() < group.slots().size() || state.size() < given.size()) {
      throw new ParameterException("memory was given for " + sorted(given.keySet()) + " of parameter '" + tensor.name()
          + "', which keeps " + group.slots().stream().map(SlotPlan::slot).toList() + "; give a buffer for each of these, or"
          + " none for state of the step's own");
    }
    return state;
  }

  private static Set<Slot> sorted(Set<Slot> slots) {
    return new TreeSet<>(slots);
  }

  private static EngineBuffer lent(EngineDevice device, TensorPlan tensor, SlotPlan slot, Buffer buffer) {
    String which = "the " + slot.slot().label() + " of parameter '" + tensor.name() + "'";
    EngineBuffer own = own(device, which, buffer);
    if (own.type() != slot.type()) {
      throw new ParameterException(which + " is " + own.type() + "; its group keeps it in " + slot.type());
    }
    return sized(which, own, tensor);
  }

  private static EngineBuffer checked(
      EngineDevice device, TensorPlan tensor, DType type, String role, Buffer buffer) {
    String which = "the " + role + " of parameter '" + tensor.name() + "'";
    EngineBuffer own = own(device, which, buffer);
    if (own.type() != type) {
      throw new ParameterException(
          which + " is " + own.type() + "; the " + role + "s of its group are " + type + ", and a group has one type of them");
    }
    return sized(which, own, tensor);
  }

  private static EngineBuffer own(EngineDevice device, String which, Buffer buffer) {
    if (!(buffer instanceof EngineBuffer own) || own.device() != device) {
      throw new BufferException(which + " lies on " + buffer.device().info().selector()
          + ", in another opened device than the step's (" + device.info().selector() + "); allocate or wrap it there");
    }
    own.checkOpen();
    return own;
  }

  private static EngineBuffer sized(String which, EngineBuffer own, TensorPlan tensor) {
    if (own.length() != tensor.length()) {
      throw new ParameterException(which + " has " + own.length() + " elements; the parameter has " + tensor.length());
    }
    return own;
  }

  private record Use(Extent extent, boolean written, String what) {}

  /** Refuses memory that is written by the step and used a second time in it. */
  static void checkOverlaps(StepPlan plan, List<Binding> bindings) {
    Map<Object, List<Use>> byRoot = new IdentityHashMap<>();
    for (TensorPlan tensor : plan.tensors()) {
      Binding binding = bindings.get(tensor.index());
      if (!tensor.updates() || plan.groupOf(tensor).config().weightDecay() != 0) {
        add(byRoot, binding.value(), !tensor.updates(), "the value of parameter '" + tensor.name() + "'");
      }
      if (binding.update() != null) {
        add(byRoot, binding.update(), true, "the update of parameter '" + tensor.name() + "'");
      }
      if (binding.gradient() != null) {
        boolean written = binding.zeroGradient() || binding.overGradient();
        add(byRoot, binding.gradient(), written, "the gradient of parameter '" + tensor.name() + "'");
      }
      binding.state().forEach((slot, buffer) ->
          add(byRoot, buffer, true, "the " + slot.label() + " of parameter '" + tensor.name() + "'"));
    }
    byRoot.values().forEach(Bindings::sweep);
  }

  private static void add(Map<Object, List<Use>> byRoot, EngineBuffer buffer, boolean written, String what) {
    Extent extent = buffer.extent();
    if (extent.bytes() > 0) {
      byRoot.computeIfAbsent(extent.root(), root -> new ArrayList<>()).add(new Use(extent, written, what));
    }
  }

  /** In order of address, whatever starts before the furthest end seen so far overlaps the use that reaches there. */
  private static void sweep(List<Use> uses) {
    uses.sort(Comparator.comparingLong(use -> use.extent().start()));
    Use furthestWritten = null;
    Use furthest = null;
    for (Use use : uses) {
      Use rival = use.written() ? furthest : furthestWritten;
      if (rival != null && use.extent().overlaps(rival.extent())) {
        throw new ParameterException(use.what() + " and " + rival.what()
            + " share memory, and the step writes there; give each its own");
      }
      furthest = further(furthest, use);
      furthestWritten = use.written() ? further(furthestWritten, use) : furthestWritten;
    }
  }

  private static Use further(Use a, Use b) {
    return a == null || end(b) > end(a) ? b : a;
  }

  private static long end(Use use) {
    return use.extent().start() + use.extent().bytes();
  }
}
