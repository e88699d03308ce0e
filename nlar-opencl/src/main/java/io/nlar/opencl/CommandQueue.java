package io.nlar.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** An in-order command queue, and the copies between host memory and memory objects that go through it. */
class CommandQueue {
  /** Heap memory is copied in pieces of this size; JOCL would hold up the garbage collector for all of it. */
  private static final long PIECE_BYTES = 4 << 20;

  /** Launches in flight: beyond that a caller that never waits would use up the driver's memory. */
  static final int MOST_LAUNCHES = 4096;

  private final cl_command_queue queue;
  private int launches;

  CommandQueue(cl_command_queue queue) {
    this.queue = queue;
  }

  /** Enqueues a kernel whose arguments are set; now and then waits for the ones before. Allocates nothing. */
  void launch(cl_kernel kernel, long[] workItems, long[] groupSize) {
    if (launches == MOST_LAUNCHES) {
      finish();
    }
    launches++;
    int status;
    try {
      status = CL.clEnqueueNDRangeKernel(queue, kernel, 1, null, workItems, groupSize, 0, null, null);
    } catch (CLException e) {
      status = e.getStatus();
    }
    Cl.check(status, "launch a kernel");
  }

  /** Starts what is enqueued. */
  void flush() {
    int status;
    try {
      status = CL.clFlush(queue);
    } catch (CLException e) {
      status = e.getStatus();
    }
    Cl.check(status, "start the queue");
  }

  /** Waits for everything enqueued. */
  void finish() {
    int status;
    try {
      status = CL.clFinish(queue);
    } catch (CLException e) {
      status = e.getStatus();
    }
    Cl.check(status, "finish what was enqueued");
    launches = 0;
  }

  /** Copies host memory to {@code memory} from byte {@code offset}, and waits. */
  void write(cl_mem memory, long offset, MemorySegment host) {
    inPieces(host, (piece, at) -> Cl.run("copy to a buffer", () -> CL.clEnqueueWriteBuffer(
        queue, memory, true, offset + at, piece.byteSize(), pointer(piece), 0, null, null)), true);
  }

  /** Copies {@code memory} from byte {@code offset} to host memory, and waits. */
  void read(cl_mem memory, long offset, MemorySegment host) {
    inPieces(host, (piece, at) -> Cl.run("copy from a buffer", () -> CL.clEnqueueReadBuffer(
        queue, memory, true, offset + at, piece.byteSize(), pointer(piece), 0, null, null)), false);
  }

  /**
   * Enqueues a copy of {@code memory} to native memory, and starts it.
   *
   * @return the copy's event, for the caller to release
   */
  cl_event readLater(cl_mem memory, long offset, MemorySegment host) {
    cl_event done = new cl_event();
    Cl.run("copy from a buffer", () -> CL.clEnqueueReadBuffer(
        queue, memory, false, offset, host.byteSize(), pointer(host), 0, null, done));
    flush();
    return done;
  }

  /** Repeats {@code pattern} over {@code bytes} bytes. */
  void fill(cl_mem memory, long offset, long bytes, byte[] pattern) {
    Cl.run("fill a buffer", () -> CL.clEnqueueFillBuffer(
        queue, memory, Pointer.to(pattern), pattern.length, offset, bytes, 0, null, null));
  }

  private interface Transfer {
    void accept(MemorySegment nativePiece, long at);
  }

  private static void inPieces(MemorySegment host, Transfer transfer, boolean write) {
    if (host.isNative()) {
      transfer.accept(host, 0);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocate(Math.min(host.byteSize(), PIECE_BYTES), Long.BYTES);
      for (long at = 0; at < host.byteSize(); at += PIECE_BYTES) {
        MemorySegment here = host.asSlice(at, Math.min(PIECE_BYTES, host.byteSize() - at));
        MemorySegment piece = staging.asSlice(0, here.byteSize());
        if (write) {
          piece.copyFrom(here);
          transfer.accept(piece, at);
        } else {
          transfer.accept(piece, at);
          here.copyFrom(piece);
        }
      }
    }
  }

  /**
   * The address of native memory of at least one byte. A byte buffer spans at most 2 GiB, but JOCL takes nothing of it
   * but the address, so one over the first byte stands for all.
   */
  static Pointer pointer(MemorySegment host) {
    return Pointer.to(host.asSlice(0, 1).asByteBuffer());
  }
}
