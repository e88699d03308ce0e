package io.nlar.testkit;

import io.nlar.DType;
import java.util.SplittableRandom;

/** The numbers that a case feeds into a step. */
public enum Inputs {
  /** Gradients of a common size, with a few zeros of both signs. */
  ORDINARY {
    @Override
    public double next(SplittableRandom random, DType type, double sigma) {
      return random.nextInt(16) == 0 ? zero(random) : type.round(random.nextGaussian() * 0.01);
    }
  },
  /** Gradients over many orders of magnitude around the noise scale and its threshold σ·2⁻⁶⁰. */
  NEAR_NOISE {
    @Override
    public double next(SplittableRandom random, DType type, double sigma) {
      double size = switch (random.nextInt(4)) {
        case 0 -> sigma * (0.5 + random.nextDouble());
        case 1 -> sigma * 0x1p-60 * (0.5 + random.nextDouble());
        case 2 -> 0x1p-60 * (0.5 + random.nextDouble());
        default -> Math.scalb(1.0, random.nextInt(-70, 4));
      };
      return type.round(sign(random) * size);
    }
  },
  /** What tends to go wrong: subnormals, zeros of both signs, the tiniest, the largest whose squares sum up. */
  SPECIAL {
    @Override
    public double next(SplittableRandom random, DType type, double sigma) {
      int lowest = switch (type) {
        case FLOAT32 -> -149;
        case FLOAT64 -> -1074;
        case BFLOAT16 -> -133;
        case FLOAT16 -> -24;
        case UINT16 -> throw noNumbers();
      };
      double tiniest = Math.scalb(1.0, lowest);
      double large = switch (type) {
        case FLOAT32, BFLOAT16 -> 1e18;
        case FLOAT64 -> 1e140;
        case FLOAT16 -> 6e4;
        case UINT16 -> throw noNumbers();
      };
      double normal = type.smallestNormal();
      double size = switch (random.nextInt(10)) {
        case 0 -> 0;
        case 1 -> tiniest;
        case 2 -> tiniest * random.nextInt(1, 1000);
        case 3 -> normal * random.nextDouble();
        case 4 -> normal;
        case 5 -> normal * (1 + 20 * random.nextDouble());
        case 6 -> Math.sqrt(normal) * random.nextDouble();
        case 7 -> large * random.nextDouble();
        case 8 -> 1;
        default -> Math.scalb(random.nextDouble(), random.nextInt(lowest, 40));
      };
      return type.round(sign(random) * size);
    }
  },
  /** Gradients whose squares vanish in the type, so that a normalising factor reaches its limit. */
  TINY {
    @Override
    public double next(SplittableRandom random, DType type, double sigma) {
      return type.round(random.nextGaussian() * switch (type) {
        case FLOAT32, BFLOAT16 -> 1e-30;
        case FLOAT64 -> 1e-160;
        case FLOAT16 -> 1e-6;
        case UINT16 -> throw noNumbers();
      });
    }
  },
  /** Nothing but zeros, of both signs. */
  ZERO {
    @Override
    public double next(SplittableRandom random, DType type, double sigma) {
      return zero(random);
    }
  },
  /** Numbers whose products overflow the type. */
  HUGE {
    @Override
    public double next(SplittableRandom random, DType type, double sigma) {
      double largest = switch (type) {
        case FLOAT32, BFLOAT16, FLOAT16 -> type.largest();
        case FLOAT64 -> 1e152;
        case UINT16 -> throw noNumbers();
      };
      double large = switch (type) {
        case FLOAT32, BFLOAT16 -> 1e30;
        case FLOAT64 -> 1e120;
        case FLOAT16 -> 1e4;
        case UINT16 -> throw noNumbers();
      };
      return switch (random.nextInt(4)) {
        case 0 -> type.round(sign(random) * largest);
        case 1 -> type.round(sign(random) * large * random.nextDouble());
        default -> type.round(random.nextGaussian());
      };
    }
  };

  public abstract double next(SplittableRandom random, DType type, double sigma);

  private static IllegalArgumentException noNumbers() {
    return new IllegalArgumentException("UINT16 is no type of values or gradients");
  }

  private static double sign(SplittableRandom random) {
    return random.nextBoolean() ? 1 : -1;
  }

  private static double zero(SplittableRandom random) {
    return random.nextBoolean() ? 0.0 : -0.0;
  }
}
