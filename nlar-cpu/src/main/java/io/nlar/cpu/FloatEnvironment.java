package io.nlar.cpu;

/**
 * Whether floating-point arithmetic on the calling thread is what Java promises.
 *
 * <p>A native library may have switched the thread to flush subnormal numbers to zero, or to another rounding mode (some
 * mathematical libraries and audio code do); the JVM does not notice. Threads that the JVM enters anew are right.
 */
final class FloatEnvironment {
  // Neither final nor constant: the sums below must be done by the processor, not by the compiler.
  private static float smallestNormal = Float.MIN_NORMAL;
  private static float one = 1;
  private static float half = 0.5f;
  private static float halfUlp = 0x1p-24f;
  private static float mostOfUlp = 0x1.8p-24f;

  private FloatEnvironment() {}

  /** Subnormal results and operands count, and sums round to nearest even. */
  static boolean isStandard() {
    return smallestNormal * half > 0 && one + halfUlp == one && one + mostOfUlp > one;
  }
}
