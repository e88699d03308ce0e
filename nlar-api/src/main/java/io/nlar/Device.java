package io.nlar;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * An opened device: memory, and one in-order queue on which steps run. Calls may come from any thread; they are
 * serialised per device.
 *
 * <p>{@link #close} is idempotent, closes all steps and buffers of the device, and may come in any order with theirs. A
 * device holds each of its buffers and steps, wrapped memory too, until it is closed: one that the program has merely
 * dropped stays. A CPU device that is dropped together with all its buffers and steps is released by the garbage
 * collector, some time; what a GPU or an OpenCL device holds is given back by {@code close} alone.
 *
 * <p>A call that begins so near the end of the caller's stack that it could not be finished throws
 * {@link StackOverflowError} before it begins: nothing has changed, and the device goes on.
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
   * <p>Kernels work on native memory by its addresses. An arena that was closed before a run is refused by it, but one
   * that another thread closes during a run, or an address whose memory is freed, ends the JVM (SIGSEGV): close the steps
   * and buffers first. The same holds for a mapped file that is truncated, or whose disk is full, while it is wrapped
   * (SIGBUS). Where the JVM notices in time, a run throws instead: {@link DeviceException} if nothing was changed yet, else
   * {@link StepFailedException}; a copy throws {@link BufferException}.
   *
   * @throws BufferException if the device has no host memory, if {@code host} is read-only, closed, bound to one thread
   *     (a confined arena; the worker threads could not touch it) or of a size that is no multiple of the element's
   * @throws ClosedException if the device was closed
   */
  Buffer wrap(DType type, MemorySegment host);

  /**
   * Borrows {@code length} elements at an address of this device: a native address on the CPU, a device pointer on
   * CUDA. Whether there is memory, and whether it stays, is the caller's to see to, as for
   * {@link #wrap(DType, MemorySegment)}.
   *
   * @throws BufferException if the device has no addresses (OpenCL: use its own {@code wrap} of a {@code cl_mem}), if
   *     {@code length} is negative, or if the elements do not lie between address 1 and the end of the address space
   * @throws ClosedException if the device was closed
   */
  Buffer wrap(DType type, long length, long address);

  /**
   * Compiles one fused step over all parameters of all groups and allocates its state on the device.
   *
   * @throws ParameterException if groups or parameters do not fit (empty group, duplicate name, a name that cannot be
   *     saved, type or length mismatch, a value or state that overlaps another one or a gradient, other slots of state than
   *     the configuration keeps)
   * @throws BufferException if a buffer is of another device, or kernels cannot keep state in the memory given for it
   * @throws ClosedException if a buffer or the device was closed
   * @throws SettingException if a setting becomes infinite in a group's element type, or an element's bound 0
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
