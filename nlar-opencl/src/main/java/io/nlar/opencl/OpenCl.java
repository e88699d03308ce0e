package io.nlar.opencl;

import io.nlar.DeviceUnavailableException;
import io.nlar.SettingException;
import java.util.Arrays;
import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_device_id;

/** Nlar on OpenCL objects that the caller already has. */
public final class OpenCl {
  private OpenCl() {}

  /**
   * Opens a device on a caller's context and queue, which are retained until it is closed. Steps are enqueued behind
   * what the queue already holds; none waits, also not over host memory: that is for
   * {@link io.nlar.Step#await}.
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
    DeviceFacts facts = DeviceFacts.of(device);
    facts.refusal().ifPresent(why -> {
      throw new DeviceUnavailableException(facts.name() + " " + why);
    });
    Cl.run("hold a caller's context", () -> CL.clRetainContext(context));
    Cl.run("hold a caller's queue", () -> CL.clRetainCommandQueue(queue));
    return new OpenClDevice(facts, Platforms.index(device), Mapping.of(facts), context, queue, new CommandQueue(queue),
        false, BinaryCache.ofUser());
  }
}
