package io.nlar.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import java.util.List;

/** A trainable tensor and its gradient, bound to a device, and followed where DJL moves them. */
final class BoundParameter {
  private final Device device;
  private final String name;
  private final NDArray array;
  private final DType type;
  private final DataType elements;
  private final Shape shape;
  private final NDManager owner;
  private DeviceTensor value;
  private NDArray gradientArray;
  private DeviceTensor gradient;
  private boolean frozen;

  BoundParameter(Device device, NamedArray named, NDManager owner) {
    this.device = device;
    this.name = named.name();
    this.array = named.array();
    this.type = type(named);
    this.elements = array.getDataType();
    this.shape = array.getShape();
    this.owner = owner;
    this.value = DeviceTensor.of(device, type, array, owner);
  }

  private static DType type(NamedArray named) {
    DataType type = named.array().getDataType();
    return switch (type) {
      case FLOAT32 -> DType.FLOAT32;
      case FLOAT64 -> DType.FLOAT64;
      case FLOAT16 -> DType.FLOAT16;
      // DJL's PyTorch engine ends the process when it makes such tensors on the CPU: nothing of it could be tested.
      case BFLOAT16 -> throw new ParameterException("parameter '" + named.name() + "' has elements of type bfloat16, in which"
          + " DJL's engines do not train; use float16, or float32 with withPrecision(Precision.compact())");
      default -> throw new ParameterException("parameter '" + named.name() + "' has elements of type " + type
          + "; Nlar updates float32, float64 and float16");
    };
  }

  String name() {
    return name;
  }

  NDArray array() {
    return array;
  }

  DType type() {
    return type;
  }

  /** The tensor with its name. */
  NamedArray named() {
    return new NamedArray(name, array);
  }

  /** Whether this parameter's state can become that of {@code other}. */
  boolean fits(NDArray other) {
    return elements == other.getDataType() && shape.equals(other.getShape());
  }

  /** Whether {@link #follow} found it frozen. */
  boolean frozen() {
    return frozen;
  }

  /** The pair of buffers as a step takes it. */
  Parameter parameter() {
    Buffer gradientBuffer = gradient == null ? null : gradient.buffer();
    return new Parameter(name, value.buffer(), gradientBuffer, true);
  }

  /**
   * Looks whether the tensors still are where they were.
   *
   * @param retired takes buffers that are no longer used, to be closed when the step has bound the new ones
   * @return whether {@link #parameter} changed
   */
  boolean follow(List<AutoCloseable> retired) {
    if (array.isReleased()) {
      throw new ParameterException("the tensor of parameter '" + name + "' was closed: the model was closed or its"
          + " parameters were loaded anew; make a new optimizer, or give this one the block (optBlock)");
    }
    boolean moved = false;
    if (!value.current()) {
      retired.add(value);
      value = DeviceTensor.of(device, type, array, owner);
      moved = true;
    }
    frozen = !array.hasGradient();
    if (frozen) { // left alone, also by its momentum
      return retireGradient(retired) || moved;
    }
    // The step zeroes the gradient, and backward adds to it: one that is all 0 may be no longer the tensor's own.
    if (gradient == null || !gradient.current() || !gradient.anyNonZero()) {
      moved |= followGradient(retired);
    }
    return moved;
  }

  private boolean followGradient(List<AutoCloseable> retired) {
    if (!Discovery.hasDefinedGradient(array)) {
      return retireGradient(retired);
    }
    NDArray nowArray = array.getGradient();
    NDScope.unregister(nowArray);
    nowArray.attach(owner);
    if (nowArray.isSparse()) {
      throw new ParameterException("parameter '" + name + "' has a sparse gradient, which Nlar does not update;"
          + " build its block without sparse gradients");
    }
    DeviceTensor now = DeviceTensor.of(device, type, nowArray, owner);
    if (now instanceof SharedTensor fresh && gradient instanceof SharedTensor known && known.current()
        && fresh.address() == known.address()) {
      now.close();
      nowArray.close();
      return false;
    }
    retireGradient(retired);
    gradientArray = nowArray;
    gradient = now;
    return true;
  }

  /** Lets go of the gradient; whether there was one. */
  private boolean retireGradient(List<AutoCloseable> retired) {
    if (gradient == null) {
      return false;
    }
    retired.add(gradient);
    retired.add(gradientArray);
    gradient = null;
    gradientArray = null;
    return true;
  }

  /** Brings values and gradient to the device, where it does not share them. */
  void load() {
    value.load();
    if (gradient != null) {
      gradient.load();
    }
  }

  /** Brings values and the zeroed gradient back, where the device does not share them. */
  void store() {
    if (gradient != null) {
      gradient.store();
      value.store();
    }
  }

  void close() {
    value.close();
    if (gradient != null) {
      gradient.close();
    }
  }
}
