package io.nlar.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** One compiled step over all trainable tensors of a model, bound to where they live. */
final class ModelStep implements AutoCloseable {
  private final StepConfig config;
  private final ai.djl.Device home;
  private final NDManager owner;
  private final BoundParameter[] parameters;
  private final Map<NDArray, BoundParameter> byArray = new IdentityHashMap<>();
  private final List<AutoCloseable> retired = new ArrayList<>();
  private final Step step;

  ModelStep(Device device, StepConfig config, List<NamedArray> arrays) {
    if (arrays.isEmpty()) {
      throw new ParameterException("the model has no trainable parameter");
    }
    this.home = onlyDevice(arrays);
    this.config = config;
    this.owner = arrays.getFirst().array().getManager().newSubManager();
    this.parameters = new BoundParameter[arrays.size()];
    try {
      for (int i = 0; i < parameters.length; i++) {
        parameters[i] = new BoundParameter(device, arrays.get(i), owner);
        byArray.put(parameters[i].array(), parameters[i]);
        parameters[i].follow(retired);
      }
      this.step = device.compile(groups());
    } catch (Throwable failure) {
      release();
      throw failure;
    }
  }

  /** Where all the tensors are: a step's norm spans one device. */
  private static ai.djl.Device onlyDevice(List<NamedArray> arrays) {
    NamedArray first = arrays.getFirst();
    ai.djl.Device device = first.array().getDevice();
    for (NamedArray named : arrays) {
      ai.djl.Device other = named.array().getDevice();
      if (!other.equals(device)) {
        throw new ParameterException("parameter '" + first.name() + "' is on " + device + ", '" + named.name()
            + "' on " + other + "; Nlar trains a model on one device: give the trainer one (optDevices)");
      }
    }
    return device;
  }

  /** DJL's device, on which all tensors are. */
  ai.djl.Device home() {
    return home;
  }

  /** The manager of the first tensor. */
  NDManager manager() {
    return owner.getParentManager();
  }

  /** All parameters in one group per element type; the norm spans them all. */
  private List<ParameterGroup> groups() {
    List<ParameterGroup> groups = new ArrayList<>();
    for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16)) {
      List<io.nlar.Parameter> members = new ArrayList<>();
      for (BoundParameter parameter : parameters) {
        if (parameter.type() == type) {
          members.add(parameter.parameter());
        }
      }
      if (!members.isEmpty()) {
        groups.add(new ParameterGroup(config, members));
      }
    }
    return groups;
  }

  Step step() {
    return step;
  }

  /** Whether this step updates {@code array}. */
  boolean updates(NDArray array) {
    return byArray.containsKey(array);
  }

  /** Whether one of its tensors was frozen when the step last looked. */
  boolean foundFrozen(NDArray array) {
    return byArray.get(array).frozen();
  }

  /** Whether this step updates exactly these tensors under exactly these names. */
  boolean updates(List<NamedArray> arrays) {
    if (arrays.size() != parameters.length) {
      return false;
    }
    for (NamedArray named : arrays) {
      BoundParameter parameter = byArray.get(named.array());
      if (parameter == null || !parameter.name().equals(named.name())) {
        return false;
      }
    }
    return true;
  }

  /** Runs the step on the tensors and their gradients as they are, and zeroes the gradients. Returns when it is done. */
  void run(double gradientScale, double rateFactor) {
    boolean moved = false;
    for (BoundParameter parameter : parameters) {
      moved |= parameter.follow(retired);
    }
    if (moved) {
      rebind();
    }
    for (BoundParameter parameter : parameters) {
      parameter.load();
    }
    step.await(step.run(gradientScale, rateFactor));
    store();
  }

  /** Puts the values to evaluate into the tensors. */
  void evaluate() {
    step.evaluate();
    store();
  }

  /** Puts those back that gradients are taken at. */
  void train() {
    step.train();
    store();
  }

  private void store() {
    for (BoundParameter parameter : parameters) {
      parameter.store();
    }
  }

  private void rebind() {
    List<io.nlar.Parameter> bindings = new ArrayList<>();
    for (BoundParameter parameter : parameters) {
      bindings.add(parameter.parameter());
    }
    step.rebind(bindings);
    closeRetired();
  }

  private void closeRetired() {
    for (AutoCloseable old : retired) {
      try {
        old.close();
      } catch (RuntimeException failure) {
        throw failure;
      } catch (Exception impossible) {
        throw new AssertionError(impossible);
      }
    }
    retired.clear();
  }

  /** Takes over the state of another step: of the same tensors, or of tensors of the same names. */
  void takeStateOf(ModelStep other) {
    try (Arena arena = Arena.ofConfined()) {
      copy(other.step.control(), step.control(), arena);
    }
    for (BoundParameter parameter : parameters) {
      BoundParameter source = other.counterpart(parameter.named());
      if (source != null) {
        for (Slot slot : config.slots(parameter.type())) {
          try (Arena arena = Arena.ofConfined()) {
            copy(other.step.state(source.name(), slot), step.state(parameter.name(), slot), arena);
          }
        }
      }
    }
  }

  /** Whether this step has a state for that tensor. */
  boolean knows(NamedArray wanted) {
    return counterpart(wanted) != null;
  }

  private BoundParameter counterpart(NamedArray wanted) {
    BoundParameter same = byArray.get(wanted.array());
    if (same != null) {
      return same;
    }
    for (BoundParameter parameter : parameters) {
      if (parameter.name().equals(wanted.name()) && parameter.fits(wanted.array())) {
        return parameter;
      }
    }
    return null;
  }

  private static void copy(Buffer from, Buffer to, Arena arena) {
    try (from; to) {
      MemorySegment host = arena.allocate(from.byteSize(), Long.BYTES);
      from.copyTo(host);
      to.copyFrom(host);
    }
  }

  @Override
  public void close() {
    step.close();
    release();
  }

  private void release() {
    for (BoundParameter parameter : parameters) {
      if (parameter != null) {
        parameter.close();
      }
    }
    closeRetired();
    owner.close();
  }
}
