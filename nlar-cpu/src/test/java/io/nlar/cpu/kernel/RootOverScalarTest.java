package io.nlar.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Scaling;
import io.nlar.Storage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import jdk.incubator.vector.VectorShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A root over a scalar by the scalar's reciprocal has the bits of a division (docs/numerics.md, "A root over a scalar"): of
 * quotients that lie as near to the middle between two numbers as any, and of roots that are no ordinary numbers.
 */
class RootOverScalarTest {
  private static final int COUNT = 512;
  /** Quotients are at most so many 2^-p of the divisor's last place from the middle. */
  private static final int NEAREST = 6;
  private static final double[] SPECIAL = {0, Double.MIN_VALUE, Float.MIN_VALUE, Float.MIN_NORMAL, Float.MAX_VALUE, Double.MAX_VALUE,
      Double.POSITIVE_INFINITY, Double.NaN, 1};

  private final Random random = new Random(27);

  @ParameterizedTest
  @CsvSource({"FLOAT32, 2000", "FLOAT64, 400"})
  void quotientsHaveTheBitsOfADivision(DType type, int divisors) {
    for (int bits = 128; bits <= VectorShape.preferredShape().vectorBitSize(); bits *= 2) {
      check(type, bits, divisors);
    }
  }

  private void check(DType type, int bits, int divisors) {
    ApplyKernel.Variant variant = new ApplyKernel.Variant("Nlarsf", "", Storage.of(type), bits, Scaling.Form.FACTOR, false, false, false,
        ApplyKernel.Variant.NO_UPDATE, Memory.EVERYWHERE.getClass(), Memory.EVERYWHERE.getClass(), Memory.EVERYWHERE.getClass());
    try (Arena arena = Arena.ofConfined()) {
      Run vector = new Run(arena, type, Kernels.apply(variant));
      Run scalar = new Run(arena, type, Kernels.apply(variant.scalar()));
      int precision = type == DType.FLOAT32 ? 24 : 53;
      for (int i = 0; i < divisors; i++) {
        double divisor = divisor(i, precision);
        double[] roots = roots(precision, divisor);
        double[] expected = scalar.directions(roots, divisor);
        double[] actual = vector.directions(roots, divisor);
        for (int k = 0; k < COUNT; k++) {
          assertEquals(Double.doubleToLongBits(expected[k]), Double.doubleToLongBits(actual[k]),
              "1 / (" + Double.toHexString(roots[k]) + " / " + Double.toHexString(divisor) + ") with " + bits + " bits");
        }
      }
    }
  }

  /** A kernel with memory of its own, the gradients of which are 1 and whose squares decay to what they were. */
  private static final class Run {
    private static final int NUMBERS = 6;

    private final DType type;
    private final ApplyKernel kernel;
    private final MemorySegment memory;

    private Run(Arena arena, DType type, ApplyKernel kernel) {
      this.type = type;
      this.kernel = kernel;
      this.memory = arena.allocate((long) NUMBERS * COUNT * type.bytes(), 64);
    }

    /** 1 over each root over the divisor. */
    private double[] directions(double[] roots, double divisor) {
      for (int i = 0; i < COUNT; i++) {
        set(0, i, 0);
        set(1, i, 1);
        set(2, i, 0);
        set(3, i, roots[i] * roots[i]);
      }
      double[] scalars = new double[ApplyKernel.SCALARS];
      scalars[4] = divisor;
      scalars[5] = 1;
      scalars[ApplyKernel.FRAME] = 1;
      kernel.run(Memory.EVERYWHERE, address(0), Memory.EVERYWHERE, address(1), Memory.EVERYWHERE, 0,
          new long[] {address(2), address(3), address(4), address(5)}, 0, 0, COUNT, scalars, 0, 0);
      double[] directions = new double[COUNT];
      for (int i = 0; i < COUNT; i++) {
        directions[i] = type == DType.FLOAT32 ? memory.getAtIndex(ValueLayout.JAVA_FLOAT, 4 * COUNT + i)
            : memory.getAtIndex(ValueLayout.JAVA_DOUBLE, 4 * COUNT + i);
      }
      return directions;
    }

    private long address(int number) {
      return memory.address() + (long) number * COUNT * type.bytes();
    }

    private void set(int number, int index, double x) {
      long at = (long) number * COUNT + index;
      if (type == DType.FLOAT32) {
        memory.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) x);
      } else {
        memory.setAtIndex(ValueLayout.JAVA_DOUBLE, at, x);
      }
    }
  }

  /** Roots of 1 - beta2^t, then numbers from 2^-27 to 1 with few or many bits set, then any. */
  private double divisor(int number, int precision) {
    double x = switch (number % 4) {
      case 0 -> Math.sqrt(1 - Math.pow(0.999, 1 + number));
      case 1 -> 1 - random.nextInt(1000) * Math.scalb(1.0, -precision);
      case 2 -> 1 + random.nextInt(1000) * Math.scalb(1.0, 1 - precision);
      default -> 1 + random.nextDouble();
    };
    double scaled = number % 4 == 0 ? x : Math.scalb(x, -random.nextInt(27) - 1);
    return precision == 24 ? (float) scaled : scaled;
  }

  private double[] roots(int precision, double divisor) {
    List<Double> hard = hardest(precision, BigInteger.valueOf((long) Math.scalb(divisor, precision - 1 - Math.getExponent(divisor))));
    double[] roots = new double[COUNT];
    for (int i = 0; i < COUNT; i++) {
      double ordinary = 1 + random.nextDouble();
      double mantissa = hard.isEmpty() || i % 2 == 0 ? ordinary : hard.get(i / 2 % hard.size());
      int exponents = precision == 24 ? 60 : 500;
      roots[i] = i < SPECIAL.length ? Math.sqrt(SPECIAL[i]) : Math.scalb(mantissa, random.nextInt(2 * exponents) - exponents);
    }
    return roots;
  }

  /**
   * Numbers from 1 to 2 whose quotients by {@code divisor}, an integer of p bits, are nearest to the middle between two numbers of p bits:
   * x·2^n = m·divisor + k with a small k and an m of p + 1 bits, where n is p, or p + 1 for quotients below 1.
   */
  private static List<Double> hardest(int p, BigInteger divisor) {
    List<Double> found = new ArrayList<>();
    int zeros = divisor.getLowestSetBit();
    if (1 << zeros > NEAREST) {
      return found;
    }
    for (int n = p; n <= p + 1; n++) {
      BigInteger modulus = BigInteger.ONE.shiftLeft(n - zeros);
      BigInteger inverse = divisor.shiftRight(zeros).modInverse(modulus);
      for (int k = -NEAREST; k <= NEAREST; k++) {
        if (k == 0 || k % (1 << zeros) != 0) {
          continue;
        }
        BigInteger m = inverse.multiply(BigInteger.valueOf(-k / (1 << zeros))).mod(modulus);
        for (; m.bitLength() <= p + 1; m = m.add(modulus)) {
          BigInteger x = m.multiply(divisor).add(BigInteger.valueOf(k)).shiftRight(n);
          if (m.bitLength() == p + 1 && x.bitLength() == p) {
            found.add(Math.scalb(x.doubleValue(), 1 - p));
          }
        }
      }
    }
    return found;
  }
}
