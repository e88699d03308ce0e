package io.nlar.opencl;

import io.nlar.BufferException;
import io.nlar.ParameterException;
import io.nlar.spi.Extent;
import io.nlar.spi.queue.DeviceMemory;
import java.lang.foreign.MemorySegment;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_context;
import org.jocl.cl_mem;

/**
 * A memory object that is held until {@link #release}.
 *
 * @param handle the {@code cl_mem}
 * @param flags the {@code CL_MEM_FLAGS} that it was made with
 * @param host the host memory that it stands for; null for memory of the device
 * @param settled whether steps over it are done when they return
 * @param root identity of the memory behind it, for finding overlaps
 * @param rootOffset where it starts within that
 * @param released what to do when it was released
 */
record MemoryObject(cl_mem handle, long flags, MemorySegment host, boolean settled, Object root, long rootOffset,
    Runnable released) implements DeviceMemory {
  /** The address space of the host, in which wrapped segments may overlap. */
  private static final Object HOST = new Object();
  private static final Runnable NOTHING = () -> {};

  /** New memory; its contents are undefined. Where {@code bytes} is 0, of one byte, for there is no empty one. */
  static MemoryObject allocate(cl_context context, long bytes, String what, MemoryBudget budget) {
    budget.take(bytes, what);
    try {
      cl_mem handle = create(context, CL.CL_MEM_READ_WRITE, Math.max(bytes, 1), null);
      return new MemoryObject(handle, CL.CL_MEM_READ_WRITE, null, false, new Object(), 0, () -> budget.give(bytes));
    } catch (Throwable failure) {
      budget.give(bytes);
      throw failure;
    }
  }

  /** A memory object over native host memory, used in place. */
  static MemoryObject over(cl_context context, MemorySegment host, boolean settled, MemoryBudget budget) {
    budget.checkSize(host.byteSize(), "the segment");
    if (host.byteSize() == 0) {
      return allocate(context, 0, "an empty buffer", budget);
    }
    long flags = CL.CL_MEM_READ_WRITE | CL.CL_MEM_USE_HOST_PTR;
    cl_mem handle = create(context, flags, host.byteSize(), CommandQueue.pointer(host));
    return new MemoryObject(handle, flags, host, settled, HOST, host.address(), NOTHING);
  }

  /** A caller's memory object, held beside the caller. Parts of one allocation share a root. */
  static MemoryObject borrowed(cl_mem handle, Roots roots) {
    long parent = Info.number(handle, CL.CL_MEM_ASSOCIATED_MEMOBJECT);
    long offset = Info.number(handle, CL.CL_MEM_OFFSET);
    long flags = Info.number(handle, CL.CL_MEM_FLAGS);
    Cl.run("hold a caller's memory object", () -> CL.clRetainMemObject(handle));
    return new MemoryObject(handle, flags, null, false, roots.of(parent == 0 ? handle.getNativePointer() : parent),
        parent == 0 ? 0 : offset, NOTHING);
  }

  private static cl_mem create(cl_context context, long flags, long bytes, Pointer host) {
    return Cl.create("allocate a buffer of " + bytes + " bytes",
        status -> CL.clCreateBuffer(context, flags, bytes, host, status));
  }

  @Override
  public long place(long offset, int elementBytes) {
    return offset / elementBytes;
  }

  @Override
  public boolean reachedThrough(DeviceMemory other) {
    return ((MemoryObject) other).handle.getNativePointer() == handle.getNativePointer();
  }

  /** Memory of the device begins on a boundary of any vector. */
  @Override
  public boolean aligned(long offset, int bytes) {
    return (offset + (host == null ? 0 : host.address())) % bytes == 0;
  }

  @Override
  public Extent extent(long offset, long bytes) {
    return new Extent(root, rootOffset + offset, bytes);
  }

  @Override
  public void checkWritable(String what) {
    if ((flags & CL.CL_MEM_READ_ONLY) != 0) {
      throw new ParameterException(what + " lies in a memory object that kernels may only read (CL_MEM_READ_ONLY); make"
          + " it with CL_MEM_READ_WRITE");
    }
  }

  @Override
  public void release() {
    try {
      Cl.run("release a buffer", () -> CL.clReleaseMemObject(handle));
    } finally {
      released.run();
    }
  }

  /** Checks that a caller's memory object is a buffer that kernels may read. */
  static void checkBuffer(cl_mem handle) {
    if (Info.number(handle, CL.CL_MEM_TYPE) != CL.CL_MEM_OBJECT_BUFFER) {
      throw new BufferException("the memory object is an image or a pipe; give a buffer, made by clCreateBuffer");
    }
    if ((Info.number(handle, CL.CL_MEM_FLAGS) & CL.CL_MEM_WRITE_ONLY) != 0) {
      throw new BufferException("kernels may only write the memory object (CL_MEM_WRITE_ONLY), but a step reads its"
          + " values and gradients; make it with CL_MEM_READ_WRITE");
    }
  }

  /** Checks that {@code length} elements from a byte offset lie within a caller's memory object. */
  static void checkRange(cl_mem handle, long offset, long length, int elementBytes) {
    long size = Info.number(handle, CL.CL_MEM_SIZE);
    if (offset < 0 || offset > size || offset % elementBytes != 0
        || length < 0 || length > (size - offset) / elementBytes) {
      throw new BufferException(length + " elements of " + elementBytes + " bytes from byte " + offset
          + " do not lie, on element boundaries, inside a memory object of " + size + " bytes");
    }
  }

  /** One identity per handle of callers' memory objects, as long as somebody uses it. */
  static final class Roots {
    private final Map<Long, WeakReference<Object>> roots = new HashMap<>();

    private Object of(long handle) {
      roots.values().removeIf(reference -> reference.get() == null);
      WeakReference<Object> known = roots.get(handle);
      Object root = known == null ? null : known.get();
      if (root == null) {
        root = new Object();
        roots.put(handle, new WeakReference<>(root));
      }
      return root;
    }
  }
}
