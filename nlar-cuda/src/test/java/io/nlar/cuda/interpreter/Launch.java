package io.nlar.cuda.interpreter;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** One execution of a kernel. */
public final class Launch {
  /** Instructions after which a thread block that runs alone gets company, for which it may be waiting. */
  private static final int PATIENCE = 1 << 20;
  /** The most instructions of an interleaved warp in one go. */
  private static final int MOST_AT_ONCE = 40;

  final Kernel kernel;
  final int blocks;
  final int threads;
  final byte[] arguments;
  final GlobalMemory memory;
  final RaceDetector detector;
  final Shadow shadow;
  final long[] executed;
  private final List<ThreadBlock> idle = new ArrayList<>();

  /**
   * Prepares a launch.
   *
   * @param blocks number of thread blocks
   * @param threads threads of each
   * @param arguments the kernel's parameters, read now
   * @param races whether accesses are checked for races; a race is an error
   */
  public Launch(Kernel kernel, int blocks, int threads, MemorySegment arguments, GlobalMemory memory, boolean races) {
    this.kernel = kernel;
    this.blocks = blocks;
    this.threads = threads;
    this.memory = memory;
    if (arguments.byteSize() != kernel.parameterBytes()) {
      throw new PtxException(kernel.name() + " takes " + kernel.parameterBytes() + " bytes of parameters, not "
          + arguments.byteSize());
    }
    if (threads < 1 || threads > kernel.mostThreads() || blocks < 1) {
      throw new PtxException(kernel.name() + " cannot be launched with " + blocks + " thread blocks of " + threads
          + " threads; at most " + kernel.mostThreads());
    }
    this.arguments = arguments.toArray(ValueLayout.JAVA_BYTE);
    detector = races ? new RaceDetector(blocks, threads, memory) : null;
    shadow = races ? new Shadow("device memory") : null;
    executed = new long[kernel.code().length];
  }

  /** The kernel's parameters, as they were when the launch was prepared. */
  public MemorySegment arguments() {
    return MemorySegment.ofArray(arguments);
  }

  /** How often the threads have executed each instruction. */
  public long[] executed() {
    return executed;
  }

  /**
   * Executes it.
   *
   * @param most instructions of warps after which it is given up
   */
  public void run(Schedule schedule, long most) {
    SplittableRandom random = new SplittableRandom(schedule.seed());
    int[] order = schedule.numbers(blocks, random);
    int[] warps = schedule.numbers(Math.ceilDiv(threads, Instruction.LANES), random);
    List<ThreadBlock> running = new ArrayList<>();
    int resident = schedule.resident();
    int next = 0;
    int turn = 0;
    long left = most;
    while (next < blocks || !running.isEmpty()) {
      while (next < blocks && running.size() < resident) {
        ThreadBlock block = idle.isEmpty() ? new ThreadBlock(this) : idle.removeLast();
        block.start(order[next++]);
        running.add(block);
      }
      boolean interleaved = schedule.order() == Schedule.Order.INTERLEAVED;
      int at = interleaved ? random.nextInt(running.size()) : turn++ % running.size();
      ThreadBlock block = running.get(at);
      left -= interleaved
          ? block.run(random, MOST_AT_ONCE)
          : block.run(warps, (int) Math.min(PATIENCE, left + 1));
      if (left < 0) {
        throw new PtxException(kernel.name() + " has not ended after " + most + " instructions");
      }
      if (block.done()) {
        idle.add(running.remove(at));
      } else if (!interleaved) {
        resident++;
      }
    }
  }
}
