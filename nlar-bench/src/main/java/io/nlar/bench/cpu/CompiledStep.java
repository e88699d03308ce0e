package io.nlar.bench.cpu;

import io.nlar.DType;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.EnumMap;
import java.util.Map;

/** The passes of a step of Nlarcm in C, for one type of elements. Addresses are native. */
final class CompiledStep {
  /** The scalars of {@link #update}: c, μ, σ, the gradient's floor, Q0, κ. */
  static final int SCALARS = 6;
  /** Elements of a block of the sums. */
  static final int BLOCK = 1024;

  private static final Map<DType, CompiledSource> SOURCES = new EnumMap<>(DType.class);

  private final MethodHandle squareSums;
  private final MethodHandle sumsOfSums;
  private final MethodHandle update;

  /** For a type of which {@link #source} has no problem. */
  CompiledStep(DType type) {
    CompiledSource source = source(type);
    ValueLayout word = ValueLayout.JAVA_LONG;
    squareSums = source.function("square_sums", null, word, word, word);
    sumsOfSums = source.function("sums_of_sums", null, word, word);
    update = source.function("update", null, word, word, word, word, word, word, word);
  }

  /** What became of compiling it, at the first call for this type. */
  static synchronized CompiledSource source(DType type) {
    return SOURCES.computeIfAbsent(type, t -> switch (t) {
      case FLOAT32 -> CompiledSource.of("step.c", "-DREAL=float", "-DWORD=int32_t");
      case FLOAT64 -> CompiledSource.of("step.c", "-DREAL=double", "-DWORD=int64_t");
      case BFLOAT16, FLOAT16, UINT16 -> throw new IllegalArgumentException("the step in C is for float32 and float64, not " + t);
    });
  }

  /** The sums of squares of the blocks of {@code count} elements, doubles at {@code sums}. */
  void squareSums(long elements, long count, long sums) {
    try {
      squareSums.invokeExact(elements, count, sums);
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** The sums of the blocks of {@code count} sums, which take their place. */
  void sumsOfSums(long sums, long count) {
    try {
      sumsOfSums.invokeExact(sums, count);
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** The update of {@code count} elements, with {@value #SCALARS} scalars of their type. */
  void update(long gradients, long values, long velocity, long rate, long weight, long count, long scalars) {
    try {
      update.invokeExact(gradients, values, velocity, rate, weight, count, scalars);
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }
}
