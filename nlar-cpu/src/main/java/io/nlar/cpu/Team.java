package io.nlar.cpu;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that work together with their caller. Between two calls they wait a few microseconds at full speed, then
 * asleep. One call at a time.
 *
 * <p>When the caller has finished its own part nothing is left to be taken, and it waits only for those who have begun: a
 * thread that the system has not woken yet holds up nobody.
 */
final class Team implements AutoCloseable {
  /** About as long as the longest pause between the passes of one step. */
  private static final int SPINS = 2000;
  private static final AtomicInteger TEAMS = new AtomicInteger();
  /** What {@link #gate} is when nobody may begin any more; the rest of it counts those who have begun and not ended. */
  private static final int SHUT = 1 << 30;

  /** What the members do. */
  interface Work {
    /**
     * Takes parts of the work until none is left. Called once on the caller, and on others as they come.
     *
     * @param member 0 for the caller
     */
    void run(int member);
  }

  private final int size;
  private final ThreadFactory factory;
  private final Thread[] threads;
  private final AtomicIntegerArray asleep;
  private final AtomicInteger gate = new AtomicInteger(SHUT);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private Work work;
  private boolean started;
  /** The caller, and the threads that have started. */
  private int members = 1;
  private volatile int calls;
  private volatile boolean closing;
  private volatile Thread waiting;

  /** A team of {@code size} members, the caller included. Its threads start when they are first needed. */
  Team(int size) {
    this(size, threads("team" + TEAMS.getAndIncrement()));
  }

  /** The same with threads from {@code factory}. */
  Team(int size, ThreadFactory factory) {
    this.size = size;
    this.factory = factory;
    this.threads = new Thread[size];
    this.asleep = new AtomicIntegerArray(size);
  }

  /** Daemon threads with telling names, without what the caller's thread would hand down. */
  static ThreadFactory threads(String name) {
    return Thread.ofPlatform().daemon().inheritInheritableThreadLocals(false).name("nlar-cpu-" + name + "-", 1)
        .factory();
  }

  /**
   * Runs {@code work} on the caller and on the members that come before the caller is done, and returns when all of them
   * have finished. Fewer members than the team's size work where threads could not be started.
   *
   * @throws RuntimeException or Error: the first that a member threw; the team can be used again
   */
  void run(Work work) {
    start();
    if (members == 1) {
      work.run(0);
      return;
    }
    failure.set(null);
    this.work = work;
    try {
      gate.set(0);
      calls++;
      wake();
      work.run(0);
    } catch (Throwable thrown) {
      failure.compareAndSet(null, thrown);
    } finally {
      // Whatever was thrown, and wherever: who has begun works on memory that the caller may free next. Twice, for an
      // error that the JVM reports late can cut short the first.
      try {
        settle();
      } finally {
        settle();
      }
      this.work = null;
    }
    rethrow(failure.getAndSet(null));
  }

  private void wake() {
    for (int member = 1; member < members; member++) {
      if (asleep.get(member) != 0) {
        LockSupport.unpark(threads[member]);
      }
    }
  }

  /** Lets nobody begin any more, and waits for those who have. */
  private void settle() {
    int seen = gate.get();
    while (seen < SHUT && !gate.compareAndSet(seen, seen + SHUT)) {
      seen = gate.get();
    }
    awaitMembers();
  }

  /** Starts the threads, once. Where the system grants no more of them, the team goes on with those that there are. */
  private void start() {
    if (started) {
      return;
    }
    started = true;
    try {
      while (members < size) {
        int number = members;
        int before = calls;
        threads[number] = factory.newThread(() -> serve(number, before));
        threads[number].start();
        members++;
      }
    } catch (OutOfMemoryError refused) {
      System.getLogger(Team.class.getName()).log(System.Logger.Level.WARNING,
          "steps run on " + members + " threads, not on " + size + ": " + refused.getMessage());
    }
  }

  private void awaitMembers() {
    for (int spin = 0; spin < SPINS; spin++) {
      if (gate.get() == SHUT) {
        return;
      }
      Thread.onSpinWait();
    }
    waiting = Thread.currentThread();
    boolean interrupted = false;
    while (gate.get() != SHUT) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    waiting = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(int member, int done) {
    int served = done;
    while (true) {
      awaitCall(member, served);
      if (closing) {
        return;
      }
      served = calls;
      if (begin()) {
        try {
          work.run(member);
        } catch (Throwable thrown) {
          failure.compareAndSet(null, thrown);
        } finally {
          end();
        }
      }
    }
  }

  /** Whether a member comes in time. */
  private boolean begin() {
    int seen = gate.get();
    while (seen < SHUT) {
      if (gate.compareAndSet(seen, seen + 1)) {
        return true;
      }
      seen = gate.get();
    }
    return false;
  }

  private void end() {
    if (gate.decrementAndGet() == SHUT) {
      Thread caller = waiting;
      if (caller != null) {
        LockSupport.unpark(caller);
      }
    }
  }

  private void awaitCall(int member, int served) {
    for (int spin = 0; spin < SPINS; spin++) {
      if (calls != served || closing) {
        return;
      }
      Thread.onSpinWait();
    }
    asleep.set(member, 1);
    while (calls == served && !closing) {
      LockSupport.park(this);
      Thread.interrupted(); // nothing here is to be interrupted, and park would not sleep any more
    }
    asleep.set(member, 0);
  }

  /** Throws what another thread was ended by; nothing where that is null. */
  static void rethrow(Throwable thrown) {
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown != null) {
      throw new IllegalStateException(thrown);
    }
  }

  /** Ends the threads and waits for them. */
  @Override
  public void close() {
    closing = true;
    for (Thread thread : threads) {
      if (thread != null) {
        end(thread);
      }
    }
  }

  /** Wakes a thread that is to end, and waits for it. */
  static void end(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      LockSupport.unpark(thread);
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
