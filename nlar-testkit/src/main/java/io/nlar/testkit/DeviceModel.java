package io.nlar.testkit;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Slot;
import io.nlar.Step;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** A step on a device with its values and gradients, laid out as a {@link Layout} says; opened and closed together. */
public final class DeviceModel implements AutoCloseable {
  private final Device device;
  private final List<GroupSpec> groups;
  private final Arena arena = Arena.ofShared();
  private final List<Buffer> owned = new ArrayList<>();
  private final Map<String, Buffer> values = new LinkedHashMap<>();
  private final Map<String, Buffer> gradients = new LinkedHashMap<>();
  private final Map<String, Buffer> updates = new LinkedHashMap<>();
  private final Map<String, TensorSpec> specs = new LinkedHashMap<>();
  private Step step;

  /** Allocates everything on {@code device} and compiles the step. */
  public DeviceModel(Device device, List<GroupSpec> groups, Layout layout) {
    this(device, groups, layout, layout == Layout.MIXED ? Layout.NATIVE : layout);
  }

  /** As the other one, with a layout of the values and of what is written beside, and one of the gradients. */
  public DeviceModel(Device device, List<GroupSpec> groups, Layout layout, Layout layoutOfGradients) {
    this.device = device;
    this.groups = groups;
    try {
      place(values, GroupSpec::type, layout, tensor -> true);
      place(gradients, GroupSpec::gradient, layoutOfGradients, tensor -> true);
      place(updates, GroupSpec::type, layout, tensor -> tensor.written().beside());
      groups.forEach(group -> group.tensors().forEach(tensor -> specs.put(tensor.name(), tensor)));
      step = device.compile(groups.stream()
          .map(group -> new ParameterGroup(group.config(), parameters(group)))
          .toList());
    } catch (Throwable failure) {
      close();
      throw failure;
    }
  }

  private List<Parameter> parameters(GroupSpec group) {
    return group.tensors().stream().map(tensor -> parameter(tensor.name())).toList();
  }

  /** A parameter as it is registered. */
  public Parameter parameter(String name) {
    TensorSpec spec = specs.get(name);
    return new Parameter(name, values.get(name), gradients.get(name), spec.zeroGradient())
        .withUpdate(spec.written().update(updates.get(name))).withPart(spec.part());
  }

  private void place(Map<String, Buffer> buffers, Function<GroupSpec, DType> typeOf, Layout layout,
      Predicate<TensorSpec> which) {
    for (DType type : DType.values()) {
      List<TensorSpec> tensors = groups.stream().filter(group -> typeOf.apply(group) == type)
          .flatMap(group -> group.tensors().stream()).filter(which).toList();
      if (layout == Layout.ALLOCATED) {
        tensors.forEach(tensor -> buffers.put(tensor.name(), own(device.allocate(type, tensor.length()))));
      } else if (!tensors.isEmpty()) {
        placeTogether(buffers, type, tensors, layout);
      }
    }
  }

  /** Slices of one block, each from an odd element on and apart from its neighbours. */
  private void placeTogether(Map<String, Buffer> buffers, DType type, List<TensorSpec> tensors, Layout layout) {
    long total = 1 + tensors.stream().mapToLong(DeviceModel::stride).sum();
    MemorySegment memory = switch (layout) {
      case NATIVE -> arena.allocate(total * type.bytes(), 64);
      case HEAP, MIXED -> HostValues.segment(type, new double[Math.toIntExact(total)]);
      case SLICED, ALLOCATED -> null;
    };
    Buffer block = memory == null ? own(device.allocate(type, total)) : null;
    long start = 1;
    for (TensorSpec tensor : tensors) {
      buffers.put(tensor.name(), block != null
          ? block.slice(start, tensor.length())
          : own(device.wrap(type, memory.asSlice(start * type.bytes(), (long) tensor.length() * type.bytes()))));
      start += stride(tensor);
    }
  }

  /** Even, so that every tensor starts at an odd element, and at least one more than its length. */
  private static long stride(TensorSpec tensor) {
    return (tensor.length() / 2 + 1) * 2L;
  }

  private Buffer own(Buffer buffer) {
    owned.add(buffer);
    return buffer;
  }

  /** The compiled step. */
  public Step step() {
    return step;
  }

  /** θ of a parameter. */
  public Buffer value(String name) {
    return values.get(name);
  }

  /** g of a parameter. */
  public Buffer gradient(String name) {
    return gradients.get(name);
  }

  /** Where the update of a parameter goes; null where its value is updated. */
  public Buffer update(String name) {
    return switch (specs.get(name).written()) {
      case VALUE -> null;
      case ADDED, SUBTRACTED -> gradients.get(name);
      case ADDED_BESIDE, SUBTRACTED_BESIDE -> updates.get(name);
    };
  }

  /** Copies the reference's values to the device, where they become the exact ones. */
  public void setValues(ReferenceStep reference) {
    reference.tensors().forEach(tensor -> HostValues.write(value(tensor.spec().name()), tensor.value()));
    step.takeValues();
  }

  /** Copies the reference's gradients to the device, where it has some. */
  public void setGradients(ReferenceStep reference) {
    for (ReferenceTensor tensor : reference.tensors()) {
      if (tensor.gradient() != null) {
        HostValues.write(gradient(tensor.spec().name()), tensor.gradient());
      }
    }
  }

  /** Copies the reference's state to the device. */
  public void setState(ReferenceStep reference) {
    for (ReferenceTensor tensor : reference.tensors()) {
      for (Slot slot : Slot.values()) {
        if (tensor.state(slot) != null) {
          HostValues.write(step.state(tensor.spec().name(), slot), tensor.state(slot));
        }
      }
    }
  }

  @Override
  public void close() {
    if (step != null) {
      step.close();
    }
    owned.forEach(Buffer::close);
    arena.close();
  }
}
