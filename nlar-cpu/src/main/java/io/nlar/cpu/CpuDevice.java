package io.nlar.cpu;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.DeviceMemoryException;
import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.AbstractDevice;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The processor, with a team of threads. */
final class CpuDevice extends AbstractDevice {
  private final CpuSettings settings;
  private final Team team;
  private final Scratch[] scratches;
  private ExecutorService substitute;

  CpuDevice(DeviceInfo info, CpuSettings settings) {
    super(info);
    this.settings = settings;
    this.team = new Team(settings.threads());
    this.scratches = new Scratch[settings.threads()];
    Cleanup cleanup = new Cleanup();
    try {
      for (int i = 0; i < scratches.length; i++) {
        scratches[i] = cleanup.add(new Scratch(), Scratch::close);
      }
    } catch (Throwable failure) {
      cleanup.close();
      throw failure;
    }
  }

  Team team() {
    return team;
  }

  /** The working memory of a member of the team. */
  Scratch scratch(int member) {
    return scratches[member];
  }

  CpuSettings.Cut cut() {
    return settings.cut();
  }

  /** Width of the kernels' vectors; 0 for scalar kernels. */
  int vectorBits() {
    return settings.vectorBits();
  }

  @Override
  protected AbstractBuffer newBuffer(DType type, long length) {
    if (length > Long.MAX_VALUE / type.bytes()) {
      throw new DeviceMemoryException("a buffer of " + length + " " + type + " exceeds every address space");
    }
    NativeMemory memory = NativeMemory.allocate(length * type.bytes(), "a buffer of " + length + " " + type);
    return new CpuBuffer(this, type, memory.segment(), null, memory::close);
  }

  @Override
  protected AbstractBuffer newHostWrap(DType type, long length, MemorySegment host) {
    return new CpuBuffer(this, type, host, null, null);
  }

  @Override
  protected AbstractBuffer newAddressWrap(DType type, long length, long address) {
    return new CpuBuffer(
        this, type, MemorySegment.ofAddress(address).reinterpret(length * type.bytes()), null, null);
  }

  @Override
  protected StepEngine newEngine(StepPlan plan) {
    return new CpuEngine(this, plan);
  }

  @Override
  protected void waitForQueue() {
    // A call returns when its work is done.
  }

  /**
   * Runs {@code action} on this thread if its arithmetic is Java's, else on one where it is. Called under the device's
   * lock.
   */
  void withStandardArithmetic(Runnable action) {
    if (FloatEnvironment.isStandard()) {
      action.run();
      return;
    }
    if (substitute == null) {
      substitute = Executors.newSingleThreadExecutor(Team.threads("substitute"));
    }
    try {
      CompletableFuture.runAsync(action, substitute).join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (failed.getCause() instanceof Error cause) {
        throw cause;
      }
      throw failed;
    }
  }

  @Override
  protected void release() {
    team.close();
    if (substitute != null) {
      substitute.close();
    }
    for (Scratch scratch : scratches) {
      scratch.close();
    }
  }
}
