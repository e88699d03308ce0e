package io.nlar.opencl;

import io.nlar.spi.queue.Queue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_event;
import org.jocl.cl_mem;

/**
 * A window whose views are read one after the other: as long as a copy is on its way its target may not be looked at, so that
 * there is a second place for what came before, and no other copy is begun.
 */
final class ReadWindow implements Queue.Window {
  private final CommandQueue commands;
  private final cl_mem memory;
  private final long offset;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment arriving;
  private final MemorySegment seen;
  private final int[] status = new int[1];
  private cl_event copy;

  ReadWindow(CommandQueue commands, cl_mem memory, long offset, long bytes) {
    this.commands = commands;
    this.memory = memory;
    this.offset = offset;
    this.arriving = arena.allocate(bytes, Long.BYTES);
    this.seen = arena.allocate(bytes, Long.BYTES);
  }

  @Override
  public void refresh() {
    if (copy != null && arrived()) {
      seen.copyFrom(arriving);
      forget();
    }
    if (copy == null) {
      copy = commands.readLater(memory, offset, arriving);
    }
  }

  /** Whether the copy has ended. One that failed does so too, in an error. */
  private boolean arrived() {
    Cl.run("ask for a copy", () -> CL.clGetEventInfo(
        copy, CL.CL_EVENT_COMMAND_EXECUTION_STATUS, Sizeof.cl_int, Pointer.to(status), null));
    if (status[0] < 0) {
      forget();
      Cl.check(status[0], "copy from a buffer");
    }
    return status[0] == CL.CL_COMPLETE;
  }

  private void forget() {
    cl_event ended = copy;
    copy = null;
    Cl.run("release an event", () -> CL.clReleaseEvent(ended));
  }

  @Override
  public MemorySegment seen() {
    return seen;
  }

  @Override
  public void close() {
    try {
      if (copy != null) {
        forget();
      }
    } finally {
      arena.close();
    }
  }
}
