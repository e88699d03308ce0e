package io.nlar.bench.contest;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** An array library of plain loops, for tests. */
class ScalarArrays implements ArrayLibrary<float[]> {
  private final int length;

  ScalarArrays(int length) {
    this.length = length;
  }

  private void each(float[] z, IntToDoubleFunction element) {
    for (int i = 0; i < z.length; i++) {
      z[i] = (float) element.applyAsDouble(i);
    }
  }

  @Override
  public float[] array(double[] pattern) {
    float[] array = new float[length];
    each(array, i -> pattern[i % pattern.length]);
    return array;
  }

  @Override
  public double[] read(float[] x, int count) {
    double[] values = new double[Math.min(count, x.length)];
    Arrays.setAll(values, i -> x[i]);
    return values;
  }

  @Override
  public double norm(float[] x) {
    double sum = 0;
    for (float f : x) {
      sum += (double) f * f;
    }
    return Math.sqrt(sum);
  }

  @Override
  public void scale(double a, float[] x, float[] z) {
    each(z, i -> (float) a * x[i]);
  }

  @Override
  public void shift(double a, float[] x, float[] z) {
    each(z, i -> (float) a + x[i]);
  }

  @Override
  public void abs(float[] x, float[] z) {
    each(z, i -> Math.abs(x[i]));
  }

  @Override
  public void reciprocal(double a, float[] x, float[] z) {
    each(z, i -> (float) a / x[i]);
  }

  @Override
  public void add(float[] x, float[] y, float[] z) {
    each(z, i -> x[i] + y[i]);
  }

  @Override
  public void subtract(float[] x, float[] y, float[] z) {
    each(z, i -> x[i] - y[i]);
  }

  @Override
  public void multiply(float[] x, float[] y, float[] z) {
    each(z, i -> x[i] * y[i]);
  }

  @Override
  public void divide(float[] x, float[] y, float[] z) {
    each(z, i -> x[i] / y[i]);
  }

  @Override
  public void finish() {
    // done
  }

  @Override
  public void close() {
    // nothing to free
  }
}
