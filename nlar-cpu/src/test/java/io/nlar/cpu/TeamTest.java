package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TeamTest {

  /** Work that counts its runs, and that nobody ends before all {@code members} have begun it. */
  private static Team.Work together(AtomicIntegerArray runs, int members) {
    AtomicInteger begun = new AtomicInteger();
    return member -> {
      runs.incrementAndGet(member);
      begun.incrementAndGet();
      while (begun.get() < members) {
        Thread.onSpinWait();
        Thread.yield();
      }
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyMemberWorksOnceInEveryCall(int size) {
    AtomicIntegerArray runs = new AtomicIntegerArray(size);
    try (Team team = new Team(size)) {
      for (int call = 0; call < 2000; call++) {
        team.run(together(runs, size));
      }
    }
    assertArrayEquals(filled(size, 2000), counts(runs));
  }

  @Test
  void membersThatFellAsleepAreWoken() {
    AtomicIntegerArray runs = new AtomicIntegerArray(3);
    try (Team team = new Team(3)) {
      for (int call = 0; call < 20; call++) {
        team.run(together(runs, 3));
        LockSupport.parkNanos(5_000_000);
      }
    }
    assertArrayEquals(filled(3, 20), counts(runs));
  }

  @Test
  void theCallerIsMemberZero() {
    Thread[] threads = new Thread[4];
    try (Team team = new Team(4)) {
      Team.Work together = together(new AtomicIntegerArray(4), 4);
      team.run(member -> {
        threads[member] = Thread.currentThread();
        together.run(member);
      });
      assertSame(Thread.currentThread(), threads[0]);
      assertEquals(4, Set.of(threads).size());
      for (int member = 1; member < 4; member++) {
        assertTrue(threads[member].isDaemon());
        assertTrue(threads[member].getName().startsWith("nlar-cpu-"), threads[member].getName());
      }
    }
    for (int member = 1; member < 4; member++) {
      assertFalse(threads[member].isAlive(), "close joins the threads");
    }
  }

  @Test
  void aMembersExceptionReachesTheCallerAndTheTeamGoesOn() {
    AtomicIntegerArray runs = new AtomicIntegerArray(3);
    try (Team team = new Team(3)) {
      for (int faulty = 0; faulty < 3; faulty++) {
        int which = faulty;
        for (Throwable thrown : List.of(new IllegalStateException("broken"), new StackOverflowError())) {
          Team.Work together = together(runs, 3);
          assertSame(thrown, assertThrows(thrown.getClass(), () -> team.run(member -> {
            together.run(member);
            if (member == which) {
              sneak(thrown);
            }
          })));
        }
      }
      team.run(together(runs, 3));
    }
    assertArrayEquals(filled(3, 7), counts(runs));
  }

  private static void sneak(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  @Test
  void anInterruptedCallerFinishesItsCallAndStaysInterrupted() {
    AtomicIntegerArray ended = new AtomicIntegerArray(2);
    AtomicIntegerArray runs = new AtomicIntegerArray(2);
    try (Team team = new Team(2)) {
      Thread.currentThread().interrupt();
      Team.Work together = together(runs, 2);
      team.run(member -> {
        together.run(member);
        if (member == 1) {
          LockSupport.parkNanos(20_000_000);
        }
        ended.incrementAndGet(member);
      });
      assertEquals(1, ended.get(1), "the caller waits for who has begun");
      assertArrayEquals(filled(2, 1), counts(runs));
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void interruptedMembersStillServe() {
    Set<Thread> members = ConcurrentHashMap.newKeySet();
    AtomicIntegerArray runs = new AtomicIntegerArray(2);
    try (Team team = new Team(2)) {
      Team.Work first = together(new AtomicIntegerArray(2), 2);
      team.run(member -> {
        members.add(Thread.currentThread());
        first.run(member);
      });
      for (int call = 0; call < 50; call++) {
        members.forEach(Thread::interrupt);
        Thread.interrupted();
        team.run(together(runs, 2));
      }
    }
    assertArrayEquals(filled(2, 50), counts(runs));
  }

  @Test
  void threadsStartOnlyWhenNeededAndNothingIsLeft() {
    long before = teamThreads();
    for (int i = 0; i < 200; i++) {
      try (Team team = new Team(3)) {
        assertEquals(before, teamThreads());
        team.run(member -> {});
        assertEquals(before + 2, teamThreads());
      }
    }
    assertEquals(before, teamThreads());
  }

  /** As when the system has other work for a processor. */
  @Test
  void aMemberThatDoesNotComeHoldsUpNobody() throws InterruptedException {
    AtomicIntegerArray runs = new AtomicIntegerArray(2);
    CountDownLatch late = new CountDownLatch(1);
    ThreadFactory factory = Team.threads("late");
    try (Team team = new Team(2, work -> factory.newThread(() -> {
      awaitQuietly(late);
      work.run();
    }))) {
      for (int call = 0; call < 100; call++) {
        team.run(runs::incrementAndGet);
      }
      assertArrayEquals(new int[] {100, 0}, counts(runs));
      late.countDown();
      team.run(together(runs, 2));
      assertArrayEquals(new int[] {101, 1}, counts(runs));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** As when the system's limit of threads is reached. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aTeamGoesOnWithTheThreadsThatCouldBeStarted(int granted) {
    AtomicIntegerArray runs = new AtomicIntegerArray(4);
    AtomicInteger asked = new AtomicInteger();
    ThreadFactory factory = Team.threads("limited");
    ThreadFactory limited = work -> asked.getAndIncrement() < granted ? factory.newThread(work) : new Thread(work) {
      @Override
      public void start() {
        throw new OutOfMemoryError("unable to create native thread");
      }
    };
    try (Team team = new Team(4, limited)) {
      for (int call = 0; call < 100; call++) {
        team.run(together(runs, 1 + granted));
      }
    }
    int[] expected = new int[4];
    Arrays.fill(expected, 0, 1 + granted, 100);
    assertArrayEquals(expected, counts(runs));
    assertEquals(granted + 1, asked.get(), "a refusal is not repeated");
  }

  private static long teamThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("nlar-cpu-team"))
        .count();
  }

  private static int[] filled(int size, int value) {
    int[] filled = new int[size];
    Arrays.fill(filled, value);
    return filled;
  }

  private static int[] counts(AtomicIntegerArray runs) {
    int[] counts = new int[runs.length()];
    Arrays.setAll(counts, runs::get);
    return counts;
  }
}
