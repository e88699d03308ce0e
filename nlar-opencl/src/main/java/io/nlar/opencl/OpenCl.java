package io.nlar.opencl;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.DeviceUnavailableException;
import io.nlar.SettingException;
import io.nlar.spi.queue.QueueBuffer;
import java.util.Arrays;
import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_mem;

/** Nlar on OpenCL objects that the caller already has. */
public final class OpenCl {
  private OpenCl() {}

  /**
   * Opens a device on a caller's context and queue, which are retained until it is closed. Steps are enqueued behind
   * what the queue already holds and return, also over host memory. {@link io.nlar.Step#await} waits for everything
   * that the queue holds by then, the caller's own work too, and so does a step when some thousand are in flight.
   * Opening does not wait for this queue.
   *
   * @param context holds the device; memory objects of it can be {@linkplain OpenClDevice#wrap(io.nlar.DType,
   *     org.jocl.cl_mem, long, long) wrapped}
   * @param queue an in-order queue of that context and device
   * @throws SettingException if the three do not belong together, or the queue is out of order
   * @throws DeviceUnavailableException if the device lacks what a step needs; the message says what
   */
  public static OpenClDevice device(cl_context context, cl_command_queue queue, cl_device_id device) {
    if (Arrays.stream(Info.devices(context)).noneMatch(handle -> handle == device.getNativePointer())) {
      throw new SettingException("the device is not one of the context's; give the device that the queue was made for");
    }
    if (Info.number(queue, CL.CL_QUEUE_CONTEXT) != context.getNativePointer()
        || Info.number(queue, CL.CL_QUEUE_DEVICE) != device.getNativePointer()) {
      throw new SettingException("the queue was made for another context or device; give the ones it was made for");
    }
    if ((Info.number(queue, CL.CL_QUEUE_PROPERTIES) & CL.CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE) != 0) {
      throw new SettingException("the queue is out of order, and the passes of a step follow each other;"
          + " give an in-order queue");
    }
    Platforms.probe(); // so that the device has its number
    DeviceFacts facts = DeviceFacts.of(device);
    facts.refusal().ifPresent(why -> {
      throw new DeviceUnavailableException(facts.name() + " " + why);
    });
    Mapping mapping = Mapping.of(facts);
    BinaryCache cache = BinaryCache.ofUser();
    DeviceCheck check = DeviceCheck.pass(facts, mapping, context, cache);
    Cl.run("hold a caller's context", () -> CL.clRetainContext(context));
    Cl.run("hold a caller's queue", () -> CL.clRetainCommandQueue(queue));
    return new OpenClDevice(facts, facts.info(Platforms.index(device), check.hostMemory()), mapping, context, queue,
        new CommandQueue(queue), false, cache);
  }

  /**
   * The memory object in which a buffer lies, from {@linkplain #offsetBytes some byte} on: for kernels of the caller's
   * own, that add up the sums of squares of several devices between {@code reduce} and {@code apply}, say, or set the
   * scalars of the control block, or read a step's state. It is the buffer's: valid until the buffer, or the step that
   * it belongs to, is closed, unless the caller retains it. Work on other queues than the device's must be ordered by
   * the caller.
   *
   * @throws BufferException if it is no buffer of an OpenCL device
   * @throws io.nlar.ClosedException if it was closed
   */
  public static cl_mem memory(Buffer buffer) {
    return ((MemoryObject) own(buffer).memory()).handle();
  }

  /**
   * The byte of its {@linkplain #memory memory object} with which a buffer begins, a multiple of the element size.
   *
   * @throws BufferException if it is no buffer of an OpenCL device
   * @throws io.nlar.ClosedException if it was closed
   */
  public static long offsetBytes(Buffer buffer) {
    return own(buffer).offset();
  }

  private static QueueBuffer own(Buffer buffer) {
    if (buffer instanceof QueueBuffer own && own.memory() instanceof MemoryObject) {
      own.checkOpen();
      return own;
    }
    throw new BufferException("no memory object: " + buffer + " is no buffer of an OpenCL device");
  }
}
