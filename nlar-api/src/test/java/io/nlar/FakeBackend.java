package io.nlar;

import io.nlar.spi.Backend;
import io.nlar.spi.Probe;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.device.AbstractBuffer;
import io.nlar.spi.device.AbstractDevice;
import java.util.List;
import java.util.Set;

/** Backends for testing selection: they can be probed and opened, and do nothing else. */
abstract class FakeBackend implements Backend {
  private final String name;
  private final Probe probe;
  private final int preference;

  FakeBackend(String name, int preference, Probe probe) {
    this.name = name;
    this.preference = preference;
    this.probe = probe;
  }

  static DeviceInfo info(String backend, int index) {
    return new DeviceInfo(backend, index, "fake " + backend, 1 << 20, Set.of(DType.FLOAT32),
        DeviceInfo.HostMemory.NONE);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Probe probe() {
    return probe;
  }

  @Override
  public int preference(DeviceInfo device) {
    return preference;
  }

  @Override
  public Device open(DeviceInfo device) {
    return new AbstractDevice(device) {
      @Override
      protected AbstractBuffer newBuffer(DType type, long length) {
        throw new DeviceMemoryException("a fake device has no memory");
      }

      @Override
      protected StepEngine newEngine(StepPlan plan) {
        throw new DeviceException("a fake device runs nothing");
      }

      @Override
      protected void waitForQueue() {}

      @Override
      protected void release() {}
    };
  }

  /** Two devices, preferred. */
  public static final class Best extends FakeBackend {
    public Best() {
      super("best", 900, new Probe.Available(List.of(info("best", 1), info("best", 0))));
    }
  }

  /** One device. */
  public static final class Plain extends FakeBackend {
    public Plain() {
      super("plain", 800, new Probe.Available(List.of(info("plain", 0))));
    }
  }

  /** Never there. */
  public static final class Absent extends FakeBackend {
    public Absent() {
      super("absent", 1000, new Probe.Unavailable("no such hardware: buy some", null));
    }
  }

  /** A probe that throws, which a backend must not. */
  public static final class Rude extends FakeBackend {
    public Rude() {
      super("rude", 1000, null);
    }

    @Override
    public Probe probe() {
      throw new IllegalStateException("rude probe");
    }
  }

  /** Cannot even be constructed. */
  public static final class Broken extends FakeBackend {
    public Broken() {
      super("broken", 1000, null);
      throw new UnsatisfiedLinkError("no native library");
    }
  }
}
