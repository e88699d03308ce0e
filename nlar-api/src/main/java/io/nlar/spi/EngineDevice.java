package io.nlar.spi;

import io.nlar.Device;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** A device as what is above engines sees it. */
public interface EngineDevice extends Device {

  /** The lock under which all calls on the device run, for hot paths that must not allocate. Reentrant. */
  ReentrantLock lock();

  /** Grows whenever a buffer of this device is closed, so that a step need not ask each of its buffers in every run. */
  long closedBuffers();

  /** Runs {@code action} while no other call works on this device. */
  default void exclusively(Runnable action) {
    lock().lock();
    try {
      action.run();
    } finally {
      lock().unlock();
    }
  }

  /** Runs {@code action} while no other call works on this device. */
  default <T> T exclusively(Supplier<T> action) {
    lock().lock();
    try {
      return action.get();
    } finally {
      lock().unlock();
    }
  }
}
