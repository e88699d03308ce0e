package io.nlar.opencl;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** A kernel with its arguments, set once, and the size of its launch. */
final class Kernel {
  private final cl_kernel handle;
  private final long[] workItems;
  private final long[] groupSize;
  private int arguments;

  Kernel(cl_kernel handle, int groups, int groupSize) {
    this.handle = handle;
    this.workItems = new long[] {(long) groups * groupSize};
    this.groupSize = new long[] {groupSize};
  }

  /** The next argument: a memory object, or null where the kernel touches none. */
  Kernel memory(cl_mem memory) {
    set(arguments++, Sizeof.cl_mem, memory == null ? null : Pointer.to(memory));
    return this;
  }

  /** The next arguments: {@code count} memory objects, with null for those that are missing. */
  Kernel memory(java.util.List<cl_mem> objects, int count) {
    for (int i = 0; i < count; i++) {
      memory(i < objects.size() ? objects.get(i) : null);
    }
    return this;
  }

  /** The next argument: 32 bits. */
  Kernel number(int value) {
    set(arguments++, Sizeof.cl_int, Pointer.to(new int[] {value}));
    return this;
  }

  /** The next argument: 64 bits, the byte at which something lies. */
  Kernel place(long value) {
    set(arguments++, Sizeof.cl_long, Pointer.to(new long[] {value}));
    return this;
  }

  /** The next argument: memory of each work-group. */
  Kernel local(long bytes) {
    set(arguments++, bytes, null);
    return this;
  }

  /** Leaves the next arguments to {@link #set}; returns the first one's number. */
  int reserve(int count) {
    int first = arguments;
    arguments += count;
    return first;
  }

  /** Sets an argument. Allocates nothing. */
  void set(int argument, long bytes, Pointer value) {
    int status;
    try {
      status = CL.clSetKernelArg(handle, argument, bytes, value);
    } catch (CLException e) {
      status = e.getStatus();
    }
    Cl.check(status, "set a kernel's argument");
  }

  void launch(CommandQueue queue) {
    queue.launch(handle, workItems, groupSize);
  }

  void release() {
    Cl.run("release a kernel", () -> CL.clReleaseKernel(handle));
  }
}
