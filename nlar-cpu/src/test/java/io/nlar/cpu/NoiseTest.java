package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nlar.DType;
import io.nlar.Noise.Distribution;
import io.nlar.cpu.kernel.Kernels;
import io.nlar.cpu.kernel.NoiseKernel;
import io.nlar.spi.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Noise that is drawn on vectors of every width is the noise of {@link Philox}, to the bit. */
class NoiseTest {
  private static final int CASES = 300;

  @ParameterizedTest
  @ValueSource(ints = {0, 256, 512})
  void isTheNoiseOfTheOneByOneDraws(int bits) {
    CpuSettings settings = CpuSettings.read();
    assumeTrue(bits <= settings.vectorBits(), "vectors that this machine and mode do not have");
    NativeMemory memory = NativeMemory.allocate(Scratch.BYTES, "test");
    try {
      Scratch scratch = new Scratch(memory);
      SplittableRandom random = new SplittableRandom(bits);
      for (DType type : DType.arithmetics()) {
        for (Distribution distribution : Distribution.values()) {
          NoiseKernel kernel =
              bits == 0 ? null : Kernels.noise(new NoiseKernel.Variant(type, distribution, bits));
          for (int i = 0; i < CASES; i++) {
            check(scratch, kernel, distribution, type, random.nextLong(), random.nextLong() >>> random.nextInt(64),
                start(random), 1 + random.nextInt(i % 2 == 0 ? 20 : Scratch.NOISE_ELEMENTS));
          }
        }
      }
    } finally {
      memory.close();
    }
  }

  /** Elements anywhere, and around those where the number of the block outgrows 32 bits. */
  private static long start(SplittableRandom random) {
    return switch (random.nextInt(3)) {
      case 0 -> random.nextInt(5000);
      case 1 -> random.nextLong() >>> 1 + random.nextInt(62);
      default -> (1L + random.nextInt(3) << 34) - random.nextInt(1200);
    };
  }

  private static void check(
      Scratch scratch, NoiseKernel kernel, Distribution distribution, DType type, long key, long t, long from, int count) {
    double[] expected = new double[count];
    Philox.draw(distribution, key, t, from, type, expected, count);
    MemorySegment drawn = MemorySegment.ofAddress(scratch.drawNoise(kernel, distribution, key, t, from, count, type))
        .reinterpret((long) count * type.bytes());
    for (int i = 0; i < count; i++) {
      double draw = type == DType.FLOAT32
          ? drawn.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i) : drawn.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i);
      assertEquals(expected[i], draw, 0, distribution + " " + type + ", element " + from + " + " + i + " of " + count + " in step " + t);
    }
  }
}
