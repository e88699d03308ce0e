package io.nlar.spi.device;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock that serialises the calls on a device. It is taken only where the caller's stack has room for a whole call, so
 * that none ends half-way, with the lock held or other threads at work, for want of stack.
 */
final class DeviceLock extends ReentrantLock {
  private static final long serialVersionUID = 1L;

  @Override
  public void lock() {
    if (!isHeldByCurrentThread()) {
      StackRoom.require();
    }
    super.lock();
  }
}
