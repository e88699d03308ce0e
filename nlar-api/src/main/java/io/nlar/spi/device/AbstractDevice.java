package io.nlar.spi.device;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.ClosedException;
import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.internal.Addresses;
import io.nlar.internal.CompiledStep;
import io.nlar.spi.EngineDevice;
import io.nlar.spi.Releases;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** Base of all devices: checks, the lock that serialises calls, and the lifetimes of buffers and steps. */
public abstract class AbstractDevice implements EngineDevice {
  private final DeviceInfo info;
  private final ReentrantLock lock = new DeviceLock();
  private final Set<AbstractBuffer> buffers = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Step> steps = Collections.newSetFromMap(new IdentityHashMap<>());
  private volatile boolean closed;
  private long closedBuffers;

  protected AbstractDevice(DeviceInfo info) {
    this.info = info;
  }

  /** Memory of {@code length} ≥ 0 elements, zeroed. */
  protected abstract AbstractBuffer newBuffer(DType type, long length);

  /** Borrows host memory, already checked. Devices without host memory keep this default, which refuses. */
  protected AbstractBuffer newHostWrap(DType type, long length, MemorySegment host) {
    throw new BufferException(info.selector() + " does not work on host memory; allocate a buffer and copy to it");
  }

  /** Borrows memory at an address of the device. Devices without addresses keep this default, which refuses. */
  protected AbstractBuffer newAddressWrap(DType type, long length, long address) {
    throw new BufferException(info.selector() + " has no raw addresses; use the backend's own wrap");
  }

  /** Allocates and compiles a step; nothing stays allocated where it throws. */
  protected abstract StepEngine newEngine(StepPlan plan);

  /** Waits for the queue. */
  protected abstract void waitForQueue();

  /** Releases the device. Called once, when all steps and buffers are closed. */
  protected abstract void release();

  @Override
  public final DeviceInfo info() {
    return info;
  }

  @Override
  public final Buffer allocate(DType type, long length) {
    checkType(type);
    if (length < 0) {
      throw new BufferException("cannot allocate " + length + " elements; the length must be at least 0");
    }
    return track(() -> newBuffer(type, length));
  }

  @Override
  public final Buffer wrap(DType type, MemorySegment host) {
    checkType(type);
    Objects.requireNonNull(host, "host");
    checkArray(type, host);
    if (host.byteSize() % type.bytes() != 0) {
      throw new BufferException("a segment of " + host.byteSize() + " bytes does not hold whole " + type
          + " elements of " + type.bytes() + " bytes");
    }
    if (host.isReadOnly()) {
      throw new BufferException("cannot wrap a read-only segment; give a writable one");
    }
    if (!host.scope().isAlive()) {
      throw new BufferException("cannot wrap a segment whose arena was closed");
    }
    if (!host.isAccessibleBy(STRANGER)) {
      throw new BufferException("cannot wrap a segment of a confined arena: worker threads may not touch it;"
          + " use Arena.ofShared(), Arena.ofAuto(), Arena.global() or a heap segment");
    }
    return track(() -> newHostWrap(type, host.byteSize() / type.bytes(), host));
  }

  /** A thread that never runs: a segment it may access is not confined. */
  private static final Thread STRANGER = new Thread("nlar-stranger");

  @Override
  public final Buffer wrap(DType type, long length, long address) {
    checkType(type);
    if (length < 0) {
      throw new BufferException("cannot wrap " + length + " elements; the length must be at least 0");
    }
    Addresses.check(type, length, address);
    return track(() -> newAddressWrap(type, length, address));
  }

  /** Numbers of the other type are a mistake; arrays of whole numbers may hold the bits of either. */
  private static void checkArray(DType type, MemorySegment host) {
    Object array = host.heapBase().orElse(null);
    boolean another = switch (type) {
      case FLOAT32 -> array instanceof double[];
      case FLOAT64 -> array instanceof float[];
      case BFLOAT16, FLOAT16, UINT16 -> array instanceof float[] || array instanceof double[];
    };
    if (another) {
      throw new BufferException("a segment over a " + array.getClass().getSimpleName() + " was given for elements of type "
          + type + "; wrap it as what it holds, or another array");
    }
  }

  private void checkType(DType type) {
    Objects.requireNonNull(type, "type");
    if (!info.types().contains(type)) {
      throw new BufferException(info.selector() + " (" + info.name() + ") does not know " + type + "; it knows "
          + info.types());
    }
  }

  @Override
  public final Step compile(List<ParameterGroup> groups) {
    Objects.requireNonNull(groups, "groups");
    return exclusively(() -> {
      checkOpen();
      CompiledStep step = CompiledStep.compile(this, groups, this::newEngine, steps::remove);
      steps.add(step);
      return step;
    });
  }

  @Override
  public final void synchronize() {
    exclusively(() -> {
      checkOpen();
      waitForQueue();
    });
  }

  /** Registers a buffer that a backend's own entry point makes, for example around a foreign memory handle. */
  protected final <B extends AbstractBuffer> B track(java.util.function.Supplier<B> make) {
    return exclusively(() -> {
      checkOpen();
      B buffer = make.get();
      buffers.add(buffer);
      return buffer;
    });
  }

  /** Throws if this device was closed. */
  public final void checkOpen() {
    if (closed) {
      throw new ClosedException("the device " + info.selector() + " was closed");
    }
  }

  @Override
  public final ReentrantLock lock() {
    return lock;
  }

  @Override
  public final long closedBuffers() {
    return closedBuffers;
  }

  final void bufferClosed() {
    closedBuffers++;
  }

  final void forget(AbstractBuffer buffer) {
    buffers.remove(buffer);
  }

  /** Closes steps and buffers, then the device. What fails stops nothing else, and is thrown at the end. */
  @Override
  public final void close() {
    exclusively(() -> {
      if (!closed) {
        Releases all = new Releases();
        all.add(this::release);
        all.add(() -> closed = true);
        buffers.forEach(buffer -> all.add(buffer::closeNow));
        steps.forEach(step -> all.add(step::close));
        all.release();
      }
    });
  }

  @Override
  public final String toString() {
    return info.selector() + " (" + info.name() + ")";
  }
}
