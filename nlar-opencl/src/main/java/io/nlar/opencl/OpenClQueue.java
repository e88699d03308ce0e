package io.nlar.opencl;

import io.nlar.spi.queue.DeviceMemory;
import io.nlar.spi.queue.Queue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jocl.cl_context;
import org.jocl.cl_mem;

/** The queue of a device and the memory of its context. */
final class OpenClQueue implements Queue {
  private final cl_context context;
  private final CommandQueue commands;
  private final MemoryBudget budget;

  OpenClQueue(cl_context context, CommandQueue commands, MemoryBudget budget) {
    this.context = context;
    this.commands = commands;
    this.budget = budget;
  }

  private static cl_mem handle(DeviceMemory memory) {
    return ((MemoryObject) memory).handle();
  }

  @Override
  public DeviceMemory memory(long bytes, String what) {
    return MemoryObject.allocate(context, bytes, what, budget);
  }

  @Override
  public long largestMemory() {
    return budget.largestBuffer();
  }

  @Override
  public DeviceMemory visibleMemory(long bytes, String what) {
    return zeroed(bytes, what);
  }

  /** What the steps that were awaited left is there when the queue is done, which it is by then. */
  @Override
  public void look(DeviceMemory visible, long offset, MemorySegment to) {
    read(visible, offset, to);
  }

  @Override
  public Window window(DeviceMemory memory, long offset, long bytes) {
    return new ReadWindow(commands, handle(memory), offset, bytes);
  }

  @Override
  public void confirm() {
    commands.finish();
  }

  @Override
  public void zero(DeviceMemory memory, long offset, long bytes) {
    boolean wide = offset % Long.BYTES == 0 && bytes % Long.BYTES == 0;
    commands.fill(handle(memory), offset, bytes, new byte[wide ? Long.BYTES : 1]);
  }

  @Override
  public void fill(DeviceMemory memory, long offset, long bytes, MemorySegment pattern) {
    commands.fill(handle(memory), offset, bytes, pattern.toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public void write(DeviceMemory to, long offset, MemorySegment from) {
    commands.write(handle(to), offset, from);
  }

  @Override
  public void read(DeviceMemory from, long offset, MemorySegment to) {
    commands.read(handle(from), offset, to);
  }

  @Override
  public void submit() {
    commands.flush();
  }

  /** OpenCL's events are objects that the JVM would have to make, one a step: waiting for a step waits for all so far. */
  @Override
  public Marks marks() {
    return new Marks() {
      private long enqueued;
      private long done;

      @Override
      public void set(long ticket) {
        enqueued = ticket;
      }

      @Override
      public void await(long ticket) {
        if (done < ticket) {
          commands.finish();
          done = enqueued;
        }
      }

      @Override
      public void close() {
        // It holds nothing.
      }
    };
  }

  @Override
  public void synchronize() {
    commands.finish();
  }

  /** The device releases what the queue works with. */
  @Override
  public void close() {
    commands.finish();
  }
}
