package io.nlar.cuda;

import io.nlar.BufferException;
import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.DeviceMemoryException;
import io.nlar.cuda.interpreter.GlobalMemory;
import io.nlar.cuda.interpreter.Kernel;
import io.nlar.cuda.interpreter.PtxException;
import io.nlar.cuda.interpreter.PtxModule;
import io.nlar.cuda.interpreter.Schedule;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A driver whose kernels are the shipped PTX, executed by the interpreter. A launch is done when it returns, and throws
 * what went wrong in it.
 */
class PtxDriver implements Driver {
  /** Instructions of warps in one launch; the contract suite's longest takes a few million. */
  private static final long MOST_INSTRUCTIONS = 1L << 30;
  private static final long MEMORY_BYTES = 2L << 30;
  private static final Map<String, PtxModule> SHIPPED = new ConcurrentHashMap<>();

  private final GlobalMemory memory = new GlobalMemory();
  private final Function<String, PtxModule> modules;
  private final Schedule schedule;
  private final boolean races;
  private long allocated;
  /** What is captured instead of executed; null where nothing is. */
  private List<Runnable> capture;

  /** Executes the shipped modules. */
  PtxDriver(Schedule schedule, boolean races) {
    this(PtxDriver::shipped, schedule, races);
  }

  /**
   * A driver.
   *
   * @param modules the modules by their names
   * @param races whether a race between threads is an error
   */
  PtxDriver(Function<String, PtxModule> modules, Schedule schedule, boolean races) {
    this.modules = modules;
    this.schedule = schedule;
    this.races = races;
  }

  /** A shipped module, read once a process. */
  static PtxModule shipped(String module) {
    return SHIPPED.computeIfAbsent(module, name -> new PtxModule(Ptx.text(name)));
  }

  /** A device with this driver. */
  Device open() {
    return new CudaDevice(new DeviceInfo("ptx", 0, "the shipped PTX, interpreted", MEMORY_BYTES,
        CudaProbe.TYPES, DeviceInfo.HostMemory.NONE), this);
  }

  @Override
  public long allocate(long bytes, String what) {
    if (bytes > MEMORY_BYTES - allocated) {
      throw new DeviceMemoryException("cannot allocate " + bytes + " bytes for " + what);
    }
    allocated += bytes;
    return memory.allocate(bytes).address();
  }

  @Override
  public void free(long address) {
    allocated -= memory.free(address);
  }

  @Override
  public void checkAddress(long address, long bytes) {
    try {
      memory.at(address, bytes);
    } catch (PtxException none) {
      throw new BufferException(none.getMessage());
    }
  }

  @Override
  public void zero(long address, long bytes) {
    memory.at(address, bytes).fill((byte) 0);
  }

  @Override
  public void copy(long to, long from, long bytes) {
    memory.at(to, bytes).copyFrom(memory.at(from, bytes));
  }

  @Override
  public void toDevice(long address, MemorySegment host) {
    memory.at(address, host.byteSize()).copyFrom(host);
  }

  @Override
  public void toHost(long address, MemorySegment host) {
    host.copyFrom(memory.at(address, host.byteSize()));
  }

  @Override
  public MemorySegment allocateShared(long bytes) {
    MemorySegment shared = memory.at(allocate(bytes, "shared memory"), bytes);
    shared.fill((byte) 0);
    return shared;
  }

  @Override
  public void toShared(MemorySegment shared, long from) {
    toHost(from, shared);
  }

  @Override
  public void freeShared(MemorySegment shared) {
    free(shared.address());
  }

  @Override
  public Launch launch(String module, String kernel, int threads, MemorySegment arguments) {
    Kernel entry = modules.apply(module).kernel(kernel);
    return threadBlocks -> {
      // The arguments are those of this moment, whenever the launch is executed.
      io.nlar.cuda.interpreter.Launch launch =
          new io.nlar.cuda.interpreter.Launch(entry, threadBlocks, threads, arguments, memory, races);
      if (capture == null) {
        execute(entry, launch);
      } else {
        capture.add(() -> execute(entry,
            new io.nlar.cuda.interpreter.Launch(entry, threadBlocks, threads, launch.arguments(), memory, races)));
      }
    };
  }

  private void execute(Kernel kernel, io.nlar.cuda.interpreter.Launch launch) {
    launch.run(schedule, mostInstructions());
    launched(kernel, launch.executed());
  }

  /** Instructions of warps after which a launch is given up. */
  long mostInstructions() {
    return MOST_INSTRUCTIONS;
  }

  /** A kernel has been executed; {@code executed} tells how often its threads came by each instruction. */
  void launched(Kernel kernel, long[] executed) {
    // For those who count.
  }

  /** Adds what {@link #launched} is told to what was executed before. */
  static void addExecuted(Map<Kernel, long[]> all, Kernel kernel, long[] executed) {
    all.merge(kernel, executed, (sum, more) -> {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += more[i];
      }
      return sum;
    });
  }

  /** Notes the launches of {@code action} instead of executing them, as a captured graph does; returns a replay. */
  Runnable capture(Runnable action) {
    List<Runnable> graph = new ArrayList<>();
    capture = graph;
    try {
      action.run();
    } finally {
      capture = null;
    }
    return () -> graph.forEach(Runnable::run);
  }

  @Override
  public Marks marks() {
    return new Marks() {
      @Override
      public void set(long ticket) {
        // Kernels are done when their launch returns.
      }

      @Override
      public void await(long ticket) {
        // See set.
      }

      @Override
      public void close() {
        // Nothing was taken.
      }
    };
  }

  @Override
  public void synchronize() {
    // See marks.
  }

  @Override
  public void close() {
    if (!memory.isEmpty()) {
      throw new IllegalStateException("memory left behind: " + memory);
    }
  }
}
