package io.nlar.bench.cpu;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;

/** The passes in C. */
final class CompiledPasses implements PassKernel {
  /** What became of compiling them, at the first call. */
  static final CompiledSource SOURCE = CompiledSource.of("passes.c");

  private final MethodHandle reduce = function("reduce_pass", 2);
  private final MethodHandle apply = function("apply_pass", 6);

  private static MethodHandle function(String name, int arguments) {
    return SOURCE.function(name, ValueLayout.JAVA_LONG,
        Collections.nCopies(arguments, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new));
  }

  @Override
  public long reduce(long g, long bytes) {
    try {
      return (long) reduce.invokeExact(g, bytes);
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Override
  public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
    try {
      return (long) apply.invokeExact(g, theta, v, rate, weight, bytes);
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }
}
