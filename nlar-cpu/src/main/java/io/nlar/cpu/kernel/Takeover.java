package io.nlar.cpu.kernel;

import io.nlar.spi.RulePlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Array;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * When a kernel on vectors takes over from its scalar twin, which computes the same bits.
 *
 * <p>A vector kernel is fast once C2 has compiled it. Until then each of its operations makes objects, and it is a hundred
 * times slower than the scalar twin, for a second or two: longer than many a training takes. So a kernel begins with the
 * twin. When that has done {@link #after} elements, which cost it about as long as the other's compilation will, a
 * thread runs the vector kernel on memory of its own until it is the faster of the two; then it takes over. The caller
 * never waits. A kernel that the compiler cannot compile, or will not, never takes over.
 */
public final class Takeover {
  /** System property with the number of elements after which a vector kernel is compiled; 0 for from the start. */
  public static final String PROPERTY = "nlar.cpu.vectors-after";
  /** As measured: the scalar kernel takes 0.2 to 0.7 s for so many, and the compilation 1 to 2 s beside it. */
  private static final long DEFAULT = 1L << 26;

  /** Elements of the memory that {@link Rehearsal} runs on, each of at most 8 bytes. */
  static final int ELEMENTS = 1024;
  static final int BYTES = ELEMENTS * Long.BYTES;
  static final int ALIGNMENT = 64;
  /** So many of so many bytes are zeros. */
  private static final int ZERO_BYTES = 32;
  private static final int ZERO_EACH = 512;
  /**
   * The vector kernel is compiled when so often in a row it takes at most so many times as long as its twin: until then it
   * is a hundred times slower. (Sums are no faster on vectors in every case, as C2 makes vectors of scalar ones too.)
   */
  private static final int WINS = 20;
  private static final long NEAR = 2;
  private static final int SCALAR_RUNS = 20;
  /** How long a rehearsal lasts at most. */
  private static final long PATIENCE_NANOS = 5_000_000_000L;
  /** Pauses before rehearsals, for a busy machine's compiler may be late; after the last one the twin stays. */
  private static final long[] PAUSES_MILLIS = {0, 1000, 4000, 16_000};
  /** Kernels are rehearsed one at a time, so that other threads have processors to run on. */
  private static final Object ONE_AT_A_TIME = new Object();

  /** A run of both kernels on memory of its own, with the arguments of a real one. */
  interface Rehearsal {
    void scalar();

    void vector();
  }

  /** In nanoseconds. */
  private final LongSupplier clock;
  private long seen;
  private volatile boolean done;

  /**
   * Of a kernel that is new.
   *
   * @param clock in nanoseconds, what runs are timed by
   */
  Takeover(LongSupplier clock) {
    this.clock = clock;
    Objects.requireNonNull(Stage.MEMORY); // before any kernel is compiled
  }

  /**
   * The number of elements after which a vector kernel is compiled.
   *
   * @throws IllegalArgumentException if the property holds no such number; the message says what it takes
   */
  public static long after() {
    String asked = System.getProperty(PROPERTY, "").strip();
    try {
      long after = asked.isEmpty() ? DEFAULT : Long.parseLong(asked);
      if (after >= 0) {
        return after;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new IllegalArgumentException("-D" + PROPERTY + " takes a number of elements from 0, not '" + asked + "'");
  }

  /** Whether the vector kernel is to be used. */
  boolean done() {
    return done;
  }

  /** Whether the scalar kernel, which is about to do {@code count} more elements, has done enough; once. */
  boolean due(long count, long after) {
    long before = seen;
    seen = before + count; // several threads may lose some: the number is none to rely on
    return before < after && before + count >= after;
  }

  /** Has the vector kernel compiled, and then lets it take over. */
  void begin(Rehearsal rehearsal) {
    try {
      Thread.ofPlatform().name("nlar-cpu-kernels").daemon().inheritInheritableThreadLocals(false).start(() -> {
        try {
          done = rehearsed(rehearsal);
        } catch (RuntimeException | Error broken) {
          done = true; // what the caller's next run will say
        }
      });
    } catch (OutOfMemoryError noThread) {
      done = true;
    }
  }

  private boolean rehearsed(Rehearsal rehearsal) {
    for (long pause : PAUSES_MILLIS) {
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return false; // nobody knows this thread; whoever interrupts it ends it
      }
      synchronized (ONE_AT_A_TIME) {
        if (rehearse(rehearsal)) {
          return true;
        }
      }
    }
    System.getLogger(Takeover.class.getName()).log(System.Logger.Level.WARNING,
        "the JVM has not compiled a vector kernel of the CPU backend; steps run on the scalar one, with the same bits, slower."
            + " With -XX:+PrintCompilation it says why (look for 'COMPILE SKIPPED' and io.nlar.cpu.kernel)");
    return false;
  }

  private boolean rehearse(Rehearsal rehearsal) {
    long scalar = Long.MAX_VALUE;
    for (int i = 0; i < SCALAR_RUNS; i++) {
      long start = clock.getAsLong();
      rehearsal.scalar();
      scalar = Math.min(scalar, clock.getAsLong() - start);
    }
    long end = clock.getAsLong() + PATIENCE_NANOS;
    int wins = 0;
    for (long start = clock.getAsLong(); wins < WINS && start < end; ) {
      rehearsal.vector();
      long now = clock.getAsLong();
      wins = now - start <= NEAR * scalar ? wins + 1 : 0;
      start = now;
    }
    return wins == WINS;
  }

  /** Memory for {@value #ELEMENTS} elements, as {@code memory} for kernels: an array of its own, or all native memory. */
  static MemorySegment like(MemorySegment memory) {
    return memory.heapBase()
        .map(array -> filled(Memory.whole(Array.newInstance(array.getClass().getComponentType(), BYTES))))
        .orElse(Memory.EVERYWHERE);
  }

  /** Where {@value #BYTES} bytes of native memory are, by number from 0. */
  static long address(int number) {
    return Stage.MEMORY.asSlice((long) number * BYTES, BYTES).address();
  }

  /** Ordinary numbers of any type, between 1e-4 and 1, and some zeros, which kernels may treat otherwise. */
  static MemorySegment filled(MemorySegment memory) {
    for (long at = 0; at < memory.byteSize(); at += ZERO_EACH) {
      memory.asSlice(at, Math.min(memory.byteSize() - at, ZERO_EACH - ZERO_BYTES)).fill((byte) 0x3f);
    }
    return memory;
  }

  /**
   * The native memory of all rehearsals. To take it loads a class of the JDK's on whose absence compiled kernels would
   * rely, and they would be thrown away in mid-run.
   */
  private static final class Stage {
    private static final int REGIONS = 4 + RulePlan.MOST_NUMBERS;
    private static final MemorySegment MEMORY = filled(Arena.global().allocate((long) REGIONS * BYTES, ALIGNMENT));
  }
}
