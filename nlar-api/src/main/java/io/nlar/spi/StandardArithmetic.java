package io.nlar.spi;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Java's arithmetic. A native library may have switched the calling thread to flush subnormal numbers to zero, or to
 * another rounding mode (some mathematical libraries and audio code do); the JVM does not notice. Threads that the JVM
 * starts anew are right.
 */
public final class StandardArithmetic {
  // Neither final nor constant: the sums below must be done by the processor, not by the compiler.
  private static float smallestNormal = Float.MIN_NORMAL;
  private static float one = 1;
  private static float half = 0.5f;
  private static float halfUlp = 0x1p-24f;
  private static float mostOfUlp = 0x1.8p-24f;

  private StandardArithmetic() {}

  /** Whether on the calling thread subnormal results and operands count, and sums round to nearest even. */
  public static boolean isStandard() {
    return smallestNormal * half > 0 && one + halfUlp == one && one + mostOfUlp > one;
  }

  /** Computes something with Java's arithmetic: on a new thread where the calling one's is another. */
  public static <T> T compute(Supplier<T> supplier) {
    return isStandard()
        ? supplier.get()
        : CompletableFuture.supplyAsync(
            supplier, task -> Thread.ofPlatform().name("nlar-arithmetic").start(task)).join();
  }
}
