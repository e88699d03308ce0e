package io.nlar.testkit;

import io.nlar.DType;

/**
 * The operations of an element type T, each rounded once to nearest even. Numbers of T travel as {@code double}, which
 * holds every binary32 exactly; binary32 operations are done by Java's own {@code float} arithmetic, so that no
 * question of double rounding arises (subnormal quotients would raise one).
 */
enum Arithmetic {
  BINARY32 {
    @Override
    double add(double a, double b) {
      return (float) a + (float) b;
    }

    @Override
    double sub(double a, double b) {
      return (float) a - (float) b;
    }

    @Override
    double mul(double a, double b) {
      return (float) a * (float) b;
    }

    @Override
    double div(double a, double b) {
      return (float) a / (float) b;
    }

    // Rounded twice, which changes no bit: 53 >= 2 * 24 + 2.
    @Override
    double sqrt(double a) {
      return (float) Math.sqrt(a);
    }

    @Override
    double round(double a) {
      return (float) a;
    }

    @Override
    double smallestNormal() {
      return Float.MIN_NORMAL;
    }

    @Override
    double largest() {
      return Float.MAX_VALUE;
    }
  },
  BINARY64 {
    @Override
    double add(double a, double b) {
      return a + b;
    }

    @Override
    double sub(double a, double b) {
      return a - b;
    }

    @Override
    double mul(double a, double b) {
      return a * b;
    }

    @Override
    double div(double a, double b) {
      return a / b;
    }

    @Override
    double sqrt(double a) {
      return Math.sqrt(a);
    }

    @Override
    double round(double a) {
      return a;
    }

    @Override
    double smallestNormal() {
      return Double.MIN_NORMAL;
    }

    @Override
    double largest() {
      return Double.MAX_VALUE;
    }
  };

  /** The arithmetic in which a step computes with elements of {@code type}. */
  static Arithmetic of(DType type) {
    return switch (type) {
      case FLOAT32, BFLOAT16, FLOAT16, UINT16 -> BINARY32;
      case FLOAT64 -> BINARY64;
    };
  }

  abstract double add(double a, double b);

  abstract double sub(double a, double b);

  abstract double mul(double a, double b);

  abstract double div(double a, double b);

  abstract double sqrt(double a);

  /** A binary64 number rounded to T. */
  abstract double round(double a);

  abstract double smallestNormal();

  abstract double largest();
}
