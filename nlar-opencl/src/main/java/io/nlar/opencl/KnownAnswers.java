package io.nlar.opencl;

import io.nlar.spi.StandardArithmetic;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Operations and operands on which devices that do not follow IEEE 754 are found out: that contract a product and a
 * sum, flush subnormal numbers, or round a quotient or a root wrongly. The answers are Java's.
 */
final class KnownAnswers {
  /** Operands of each operation, a multiple of the widest vector. */
  static final int COUNT = 128;
  private static final String[] OPERATIONS = {
    "a * b + c in binary32", "a / b in binary32", "a / b rounded from binary64 to binary32",
    "the root of |a| in binary32", "a * b + c in binary64", "a / b in binary64", "the root of |a| in binary64",
    "the roots of vectors in binary64"};
  private static final int ANSWERS = OPERATIONS.length / 2;

  /** The operands: {@link #COUNT} times a, then b, then c. */
  final float[] singles = new float[3 * COUNT];
  final double[] doubles = new double[3 * COUNT];
  private final float[] singleAnswers = new float[ANSWERS * COUNT];
  private final double[] doubleAnswers = new double[ANSWERS * COUNT];

  private KnownAnswers() {}

  static KnownAnswers create() {
    return StandardArithmetic.compute(() -> {
      KnownAnswers answers = new KnownAnswers();
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < COUNT; i++) {
        answers.draw(i, random);
        answers.answer(i);
      }
      return answers;
    });
  }

  private void draw(int i, SplittableRandom random) {
    double a = random.nextDouble(1, 2);
    double b = random.nextDouble(1, 2);
    float singleA = (float) a;
    float singleB = (float) b;
    switch (i % 4) {
      case 0 -> {
        // Rounded twice the sum is 0; a fused one leaves what the product lost.
        put(singles, i, singleA, singleB, -(singleA * singleB));
        put(doubles, i, a, b, -(a * b));
      }
      case 1 -> {
        // Products below the smallest normal number.
        put(singles, i, singleA * 0x1p-70f, -singleB * 0x1p-65f, singleA * 0x1p-130f);
        put(doubles, i, a * 0x1p-530, -b * 0x1p-520, a * 0x1p-1030);
      }
      case 2 -> {
        // Subnormal operands and quotients.
        put(singles, i, singleA * 0x1p-128f, singleB * 3, singleB * 0x1p-135f);
        put(doubles, i, a * 0x1p-1025, b * 3, b * 0x1p-1040);
      }
      default -> {
        put(singles, i, singleA * 0x1p100f, singleB * 0x1p-20f, -singleA * 0x1p79f);
        put(doubles, i, a * 0x1p900, b * 0x1p-80, -a * 0x1p819);
      }
    }
  }

  private static void put(float[] rows, int i, float... numbers) {
    for (int row = 0; row < numbers.length; row++) {
      rows[row * COUNT + i] = numbers[row];
    }
  }

  private static void put(double[] rows, int i, double... numbers) {
    for (int row = 0; row < numbers.length; row++) {
      rows[row * COUNT + i] = numbers[row];
    }
  }

  private void answer(int i) {
    float a = singles[i];
    float b = singles[COUNT + i];
    put(singleAnswers, i, a * b + singles[2 * COUNT + i], a / b, (float) ((double) a / (double) b),
        (float) Math.sqrt(Math.abs(a)));
    double x = doubles[i];
    double y = doubles[COUNT + i];
    put(doubleAnswers, i, x * y + doubles[2 * COUNT + i], x / y, Math.sqrt(Math.abs(x)),
        Math.sqrt(Math.abs(x)));
  }

  /** Numbers that a device answers in each precision. */
  static int answers() {
    return ANSWERS * COUNT;
  }

  /** What a device did otherwise; empty if its answers have the right bits. */
  Optional<String> difference(float[] single, double[] twice) {
    for (int i = 0; i < singleAnswers.length; i++) {
      if (Float.floatToRawIntBits(single[i]) != Float.floatToRawIntBits(singleAnswers[i])) {
        return Optional.of(sentence(OPERATIONS[i / COUNT], Float.toHexString(single[i]),
            Float.toHexString(singleAnswers[i])));
      }
    }
    for (int i = 0; i < doubleAnswers.length; i++) {
      if (Double.doubleToRawLongBits(twice[i]) != Double.doubleToRawLongBits(doubleAnswers[i])) {
        return Optional.of(sentence(OPERATIONS[ANSWERS + i / COUNT], Double.toHexString(twice[i]),
            Double.toHexString(doubleAnswers[i])));
      }
    }
    return Optional.empty();
  }

  private static String sentence(String operation, String was, String expected) {
    return "computes " + operation + " as " + was + " where IEEE 754 says " + expected
        + ", so its results would differ; update its driver, or use another device";
  }
}
