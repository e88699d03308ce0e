package io.nlar;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * An opened device: memory, and one in-order queue on which steps run. Calls may come from any thread; they are
 * serialised per device.
 *
 * <p>{@link #close} is idempotent, closes all steps and buffers of the device, and may come in any order with theirs.
 */
public interface Device extends AutoCloseable {

  /** What this device is. */
  DeviceInfo info();

  /**
   * Memory of {@code length} elements, all 0.
   *
   * @throws DeviceMemoryException if the device has not enough memory; the message states the sizes
   * @throws BufferException if {@code length} is negative or the device does not know the type
   * @throws ClosedException if the device was closed
   */
  Buffer allocate(DType type, long length);

  /**
   * Borrows host memory, heap (a segment over a Java array) or native, without a copy. The caller keeps it alive until
   * the buffer is closed.
   *
   * @throws BufferException if the device has no host memory, if {@code host} is read-only, closed, bound to one thread
   *     (a confined arena; the worker threads could not touch it) or of a size that is no multiple of the element's
   * @throws ClosedException if the device was closed
   */
  Buffer wrap(DType type, MemorySegment host);

  /**
   * Borrows {@code length} elements at an address of this device: a native address on the CPU, a device pointer on
   * CUDA.
   *
   * @throws BufferException if the device has no addresses (OpenCL: use its own {@code wrap} of a {@code cl_mem}), if
   *     {@code length} is negative, or if the elements do not lie between address 1 and the end of the address space
   * @throws ClosedException if the device was closed
   */
  Buffer wrap(DType type, long length, long address);

  /** Why this device cannot run a step of these settings and this type; empty if it can. */
  Optional<String> unsupported(StepConfig config, DType type);

  /**
   * Compiles one fused step over all parameters of all groups and allocates its state on the device.
   *
   * @throws ParameterException if groups or parameters do not fit (empty group, duplicate name, a name that cannot be
   *     saved, type or length mismatch, a value that overlaps another value or a gradient)
   * @throws BufferException if a buffer is of another device
   * @throws ClosedException if a buffer or the device was closed
   * @throws SettingException if a setting becomes infinite in a group's element type, or an element's bound 0
   * @throws UnsupportedConfigException if the device cannot run one of the configurations
   * @throws DeviceMemoryException if the state does not fit; {@link StepConfig#stateBytes} tells its size beforehand
   */
  Step compile(List<ParameterGroup> groups);

  /**
   * Waits until everything enqueued so far is done.
   *
   * @throws ClosedException if the device was closed
   */
  void synchronize();

  /** Closes steps and buffers, then the device. What fails there stops nothing else, and is thrown at the end. */
  @Override
  void close();
}
