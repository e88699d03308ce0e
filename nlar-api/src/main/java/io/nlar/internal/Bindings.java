package io.nlar.internal;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.spi.Binding;
import io.nlar.spi.EngineBuffer;
import io.nlar.spi.EngineDevice;
import io.nlar.spi.Extent;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Checks the buffers of parameters against a plan and against each other. */
final class Bindings {
  private Bindings() {}

  /** The binding of one parameter to a tensor of the plan. */
  static Binding of(EngineDevice device, StepPlan plan, TensorPlan tensor, Parameter parameter) {
    EngineBuffer value = checked(device, tensor, plan.groupOf(tensor).storage().value(), "value", parameter.value());
    EngineBuffer gradient = parameter.gradient() == null
        ? null
        : checked(device, tensor, plan.groupOf(tensor).storage().gradient(), "gradient", parameter.gradient());
    return new Binding(tensor, value, gradient, parameter.zeroGradient());
  }

  private static EngineBuffer checked(
      EngineDevice device, TensorPlan tensor, DType type, String role, Buffer buffer) {
    String which = "the " + role + " of parameter '" + tensor.name() + "'";
    if (!(buffer instanceof EngineBuffer own) || own.device() != device) {
      throw new BufferException(which + " lies on " + buffer.device().info().selector()
          + ", in another opened device than the step's (" + device.info().selector() + "); allocate or wrap it there");
    }
    own.checkOpen();
    if (own.type() != type) {
      throw new ParameterException(
          which + " is " + own.type() + "; the " + role + "s of its group are " + type + ", and a group has one type of them");
    }
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
      add(byRoot, binding.value(), true, "the value of parameter '" + tensor.name() + "'");
      if (binding.gradient() != null) {
        add(byRoot, binding.gradient(), binding.zeroGradient(), "the gradient of parameter '" + tensor.name() + "'");
      }
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
