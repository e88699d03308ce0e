package io.nlar.opencl;

import io.nlar.DeviceException;
import io.nlar.DeviceMemoryException;
import io.nlar.NlarException;
import org.jocl.CL;
import org.jocl.CLException;

/**
 * Turns OpenCL's status codes into exceptions. JOCL throws or returns them depending on a switch that belongs to the
 * whole process, and so to the application; both ways lead here.
 */
final class Cl {
  private static final String FREE = "; free buffers or steps of this device, or use smaller ones";

  private Cl() {}

  /** A call that returns a status. */
  interface Call {
    int call();
  }

  /** A call that leaves its status in an array and returns a handle. */
  interface Create<T> {
    T call(int[] status);
  }

  /** Makes a call; {@code what} completes the sentence "OpenCL cannot …". */
  static void run(String what, Call call) {
    int status;
    try {
      status = call.call();
    } catch (CLException e) {
      status = e.getStatus();
    }
    check(status, what);
  }

  /** Makes a call that creates something. */
  static <T> T create(String what, Create<T> call) {
    int[] status = new int[1];
    T created = null;
    try {
      created = call.call(status);
    } catch (CLException e) {
      status[0] = e.getStatus();
    }
    if (status[0] == CL.CL_OUT_OF_RESOURCES) {
      throw new DeviceMemoryException(message(status[0], what) + FREE);
    }
    check(status[0], what);
    return created;
  }

  /** Throws for every status but success. */
  static void check(int status, String what) {
    if (status != CL.CL_SUCCESS) {
      throw failure(status, what);
    }
  }

  static NlarException failure(int status, String what) {
    String message = message(status, what);
    return switch (status) {
      case CL.CL_MEM_OBJECT_ALLOCATION_FAILURE, CL.CL_OUT_OF_HOST_MEMORY -> new DeviceMemoryException(message + FREE);
      // Drivers say so too when a kernel was stopped or the device was lost.
      case CL.CL_OUT_OF_RESOURCES -> new DeviceException(
          message + "; either the device is short of memory, or it failed: its driver's log may tell");
      default -> new DeviceException(message);
    };
  }

  private static String message(int status, String what) {
    return "OpenCL cannot " + what + ": " + CL.stringFor_errorCode(status);
  }
}
