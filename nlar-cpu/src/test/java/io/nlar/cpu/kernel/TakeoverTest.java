package io.nlar.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Noise;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When one kernel takes over from another, with kernels that only count. */
@Timeout(20)
class TakeoverTest {
  private static final int COUNT = 64;

  /** A clock that only kernels set: how long the machine takes for anything is no part of a test. */
  private final AtomicLong clock = new AtomicLong();

  /** Counts the elements that it was given of the caller's memory; zeroes gradients of others, and takes its time. */
  private final class Counting implements ApplyKernel {
    private final IntUnaryOperator nanosOfRun;
    private long elements;
    private volatile int otherRuns;
    private volatile int zeros;

    private Counting(IntUnaryOperator nanosOfRun) {
      this.nanosOfRun = nanosOfRun;
    }

    @Override
    public int lanes() {
      return COUNT;
    }

    @Override
    public void run(MemorySegment values, long valueAt, MemorySegment gradients, long gradientAt,
        MemorySegment updates, long updateAt, long[] slots, long place, long epsilonAt, int count, double[] scalars,
        long roundingKey, int pair) {
      if (values == TakeoverTest.this.values) {
        elements += count;
        return;
      }
      MemorySegment first = gradients.asSlice(gradientAt, (long) count * Float.BYTES);
      zeros += first.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0) == 0 ? 1 : 0;
      first.fill((byte) 0);
      otherRuns++;
      assertEquals(TakeoverTest.this.values.getClass(), values.getClass());
      assertEquals(3, scalars[0]);
      for (long slot : slots) {
        Memory.EVERYWHERE.asSlice(slot, Takeover.BYTES).fill((byte) 0); // it is there
      }
      clock.addAndGet(nanosOfRun.applyAsInt(otherRuns));
    }
  }

  private final MemorySegment values = Memory.forKernels(MemorySegment.ofArray(new float[COUNT]));

  private void run(ApplyKernel kernel) {
    kernel.run(values, 0, values, 0, values, 0, new long[2], 0, 0, COUNT, new double[] {3}, 0, 0);
  }

  private void runUntilTaken(ApplyKernel kernel, Counting vector) {
    while (vector.elements == 0) {
      run(kernel);
      LockSupport.parkNanos(100_000);
    }
  }

  @Test
  void theTwinDoesEverythingUntilTheOtherIsCompiled() {
    Counting scalar = new Counting(run -> run == 7 ? 100_000 : 150_000);
    // Twice as long as the twin's fastest is near enough; one that is slower starts the count anew.
    Counting vector = new Counting(run -> run < 30 || run == 40 ? 200_001 : 200_000);
    ApplyKernel kernel = new LateApplyKernel(scalar, vector, 10 * COUNT, clock::get);
    assertEquals(COUNT, kernel.lanes());
    for (int i = 0; i < 9; i++) {
      run(kernel);
    }
    assertEquals(9 * COUNT, scalar.elements);
    assertEquals(0, vector.otherRuns, "it is not rehearsed before it is due");
    runUntilTaken(kernel, vector);
    assertEquals(40 + 20, vector.otherRuns, "slow ones, and fast ones in a row");
    assertEquals(20, scalar.otherRuns);
    long done = scalar.elements;
    run(kernel);
    assertEquals(done, scalar.elements, "the twin is not used any more");
    assertEquals(2 * COUNT, vector.elements);
  }

  @Test
  void aKernelThatFailsInItsRehearsalTakesOverSoThatItsFailureIsSeen() {
    Counting scalar = new Counting(run -> 0);
    Counting vector = new Counting(run -> {
      throw new IllegalStateException("a kernel with an error");
    });
    ApplyKernel kernel = new LateApplyKernel(scalar, vector, COUNT, clock::get);
    runUntilTaken(kernel, vector);
    assertEquals(1, vector.otherRuns);
  }

  @Test
  void gradientsOfARehearsalAreNotZeroThoughItsKernelZeroesThem() {
    Counting zeroing = new Counting(run -> 0);
    ApplyKernel kernel = new LateApplyKernel(zeroing, zeroing, COUNT, clock::get);
    run(kernel);
    while (zeroing.otherRuns < 40) {
      LockSupport.parkNanos(100_000);
    }
    assertEquals(0, zeroing.zeros, "rehearsals that saw zeros alone, of " + zeroing.otherRuns);
  }

  @Test
  void noiseIsDrawnOneByOneUntilItsKernelIsCompiled() {
    AtomicInteger drawn = new AtomicInteger();
    NoiseKernel vector = (key, t, block, count, to, scratch) -> {
      Memory.EVERYWHERE.asSlice(to, (count + NoiseKernel.SURPLUS) * (long) Double.BYTES).fill((byte) 0); // it is there
      LockSupport.parkNanos(drawn.incrementAndGet() < 30 ? 10_000_000 : 0);
    };
    NoiseKernel kernel = new LateNoiseKernel(new NoiseKernel.Variant(DType.FLOAT64, Noise.Distribution.UNIFORM, 256), vector, 10 * COUNT);
    for (int i = 0; i < 9; i++) {
      assertFalse(kernel.ready(COUNT));
    }
    assertEquals(0, drawn.get(), "it is not rehearsed before it is due");
    assertFalse(kernel.ready(COUNT), "its thread has just begun");
    while (!kernel.ready(COUNT)) {
      LockSupport.parkNanos(100_000);
    }
    assertTrue(drawn.get() >= 20, drawn + " draws");
  }

  @Test
  void memoryForRehearsalsHoldsNumbersAndZeros() {
    MemorySegment doubles = Takeover.like(MemorySegment.ofArray(new double[1]));
    double[] numbers = (double[]) doubles.heapBase().orElseThrow();
    int zeros = 0;
    for (int i = 0; i < Takeover.ELEMENTS; i++) {
      assertTrue(numbers[i] == 0 || numbers[i] > 1e-4 && numbers[i] < 1, numbers[i] + "");
      zeros += numbers[i] == 0 ? 1 : 0;
    }
    assertTrue(zeros > 0 && zeros < Takeover.ELEMENTS / 4, zeros + " zeros");
    assertFalse(Takeover.like(Memory.EVERYWHERE).heapBase().isPresent());
  }
}
