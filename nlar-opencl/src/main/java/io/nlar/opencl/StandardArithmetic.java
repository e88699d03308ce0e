package io.nlar.opencl;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Java's arithmetic, whatever a native library has made of the calling thread's (some switch it to flush subnormal
 * numbers to zero): threads that the JVM starts anew are right.
 */
final class StandardArithmetic {
  private StandardArithmetic() {}

  static <T> T compute(Supplier<T> supplier) {
    return CompletableFuture.supplyAsync(supplier, task -> Thread.ofPlatform().name("nlar-opencl").start(task)).join();
  }
}
