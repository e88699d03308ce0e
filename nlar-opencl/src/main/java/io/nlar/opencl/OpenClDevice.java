package io.nlar.opencl;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.spi.Releases;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.spi.queue.Kernels;
import io.nlar.spi.queue.Queue;
import io.nlar.spi.queue.QueueBuffer;
import io.nlar.spi.queue.QueueDevice;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_mem;

/**
 * An opened OpenCL device: a context, an in-order queue, and the programs built for them.
 *
 * <p>On a CPU native host segments are wrapped without a copy, at addresses that are multiples of the element size;
 * heap segments cannot be, for the garbage collector moves them: allocate a buffer and copy, or use the CPU backend. A
 * step over wrapped host memory is done when {@code run} returns; any other is only enqueued, as is every step on a
 * caller's queue. Closing the buffer waits for what is enqueued; then the arena may be closed too.
 *
 * <p>Opening tries out whether the device computes as its driver claims, and refuses it if not. A CPU that turns out
 * not to see the host's memory without mapping wraps no segments: its {@link #info} says so.
 */
public final class OpenClDevice extends QueueDevice {
  private final cl_context context;
  private final cl_command_queue handle;
  private final OpenClQueue queue;
  private final Kernels kernels;
  private final boolean ownQueue;
  private final Programs programs;
  private final MemoryBudget budget;
  private final MemoryObject.Roots roots = new MemoryObject.Roots();

  OpenClDevice(DeviceFacts facts, DeviceInfo info, Mapping mapping, cl_context context, cl_command_queue handle,
      CommandQueue commands, boolean ownQueue, BinaryCache cache) {
    super(info);
    this.context = context;
    this.handle = handle;
    this.ownQueue = ownQueue;
    this.budget = new MemoryBudget(facts);
    this.programs = new Programs(context, facts, cache);
    this.queue = new OpenClQueue(context, commands, budget);
    this.kernels = new OpenClKernels(queue, commands, programs, mapping, facts);
  }

  /** Opens a device with a context and a queue of its own. */
  static OpenClDevice open(DeviceFacts facts, int index, Mapping mapping) {
    return open(facts, index, mapping, CommandQueue::new, BinaryCache.ofUser());
  }

  static OpenClDevice open(DeviceFacts facts, int index, Mapping mapping,
      Function<cl_command_queue, CommandQueue> queues, BinaryCache cache) {
    cl_context context = Cl.create("create a context", status -> CL.clCreateContext(
        new cl_context_properties(), 1, new cl_device_id[] {facts.id()}, null, null, status));
    Releases created = new Releases();
    created.add(() -> Cl.run("release a context", () -> CL.clReleaseContext(context)));
    try {
      DeviceCheck check = DeviceCheck.pass(facts, mapping, context, cache);
      cl_command_queue handle = createQueue(context, facts.id());
      created.add(() -> Cl.run("release a queue", () -> CL.clReleaseCommandQueue(handle)));
      return new OpenClDevice(
          facts, facts.info(index, check.hostMemory()), mapping, context, handle, queues.apply(handle), true, cache);
    } catch (Throwable failure) {
      created.releaseAfter(failure);
      throw failure;
    }
  }

  @SuppressWarnings("deprecation") // the newer call is not there in OpenCL 1.2
  static cl_command_queue createQueue(cl_context context, cl_device_id device) {
    return Cl.create("create a queue", status -> CL.clCreateCommandQueue(context, device, 0, status));
  }

  /**
   * Borrows a range of a caller's memory object, of this device's context. The object is retained until the buffer is
   * closed; work of other queues on it must be ordered by the caller.
   *
   * @param memory a buffer that kernels may read and write; one that they may only read can be a gradient
   * @param offsetBytes the first element's byte, a multiple of the element size
   * @param length number of elements
   * @throws BufferException if the range does not lie inside the object, the object is of another context, or it is no
   *     buffer or one that kernels may not read
   */
  public Buffer wrap(DType type, cl_mem memory, long offsetBytes, long length) {
    return track(() -> {
      MemoryObject.checkBuffer(memory);
      if (Info.number(memory, CL.CL_MEM_CONTEXT) != context.getNativePointer()) {
        throw new BufferException("the memory object belongs to another context than " + info().selector()
            + " runs on; open the device with OpenCl.device(context, queue, device)");
      }
      MemoryObject.checkRange(memory, offsetBytes, length, type.bytes());
      return new QueueBuffer(this, type, length, MemoryObject.borrowed(memory, roots), offsetBytes);
    });
  }

  cl_context context() {
    return context;
  }

  /** Bytes of the device's own memory that are taken. */
  long memoryTaken() {
    return budget.taken();
  }

  Programs programs() {
    return programs;
  }

  @Override
  public Queue queue() {
    return queue;
  }

  @Override
  protected Kernels kernels() {
    return kernels;
  }

  @Override
  protected AbstractBuffer newHostWrap(DType type, long length, MemorySegment host) {
    if (!info().nativeMemory()) {
      return super.newHostWrap(type, length, host);
    }
    if (!host.isNative()) {
      throw new BufferException(info().selector() + " wraps native segments only: a Java array moves while a kernel"
          + " runs; use a segment of an Arena, allocate a buffer and copy, or use the cpu backend");
    }
    if (host.address() % type.bytes() != 0) {
      throw new BufferException("the segment starts at address 0x" + Long.toHexString(host.address()) + ", which is"
          + " not a multiple of " + type.bytes() + "; OpenCL needs " + type + " elements to be aligned");
    }
    return new QueueBuffer(
        this, type, length, MemoryObject.over(context, host, ownQueue, budget), 0);
  }

  @Override
  protected void release() {
    Releases all = new Releases();
    all.add(() -> Cl.run("release a context", () -> CL.clReleaseContext(context)));
    all.add(() -> Cl.run("release a queue", () -> CL.clReleaseCommandQueue(handle)));
    all.add(programs::release);
    all.add(queue::close);
    all.release();
  }
}
