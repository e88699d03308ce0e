package io.nlar.bench.cpu;

import io.nlar.bench.contest.ArrayLibrary;
import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;

/** Java arrays, worked on by several threads with {@link ArrayOperations}. */
final class JavaArrays implements ArrayLibrary<float[]> {
  private final int length;
  private final Workers workers;

  JavaArrays(int length, int threads) {
    this.length = length;
    this.workers = new Workers(threads);
  }

  private interface Operation {
    void run(int from, int to);
  }

  private void pass(Operation operation) {
    workers.run(length, Float.BYTES, (from, to) -> operation.run((int) from, (int) to));
  }

  @Override
  public float[] array(double[] pattern) {
    float[] array = new float[length];
    for (int i = 0; i < length; i++) {
      array[i] = (float) pattern[i % pattern.length];
    }
    return array;
  }

  @Override
  public double[] read(float[] x, int count) {
    double[] values = new double[Math.min(count, length)];
    Arrays.setAll(values, i -> x[i]);
    return values;
  }

  @Override
  public double norm(float[] x) {
    DoubleAdder sum = new DoubleAdder();
    pass((from, to) -> sum.add(ArrayOperations.sumOfSquares(x, from, to)));
    return Math.sqrt(sum.sum());
  }

  @Override
  public void scale(double a, float[] x, float[] z) {
    pass((from, to) -> ArrayOperations.scale((float) a, x, z, from, to));
  }

  @Override
  public void shift(double a, float[] x, float[] z) {
    pass((from, to) -> ArrayOperations.shift((float) a, x, z, from, to));
  }

  @Override
  public void abs(float[] x, float[] z) {
    pass((from, to) -> ArrayOperations.abs(x, z, from, to));
  }

  @Override
  public void reciprocal(double a, float[] x, float[] z) {
    pass((from, to) -> ArrayOperations.reciprocal((float) a, x, z, from, to));
  }

  @Override
  public void add(float[] x, float[] y, float[] z) {
    pass((from, to) -> ArrayOperations.add(x, y, z, from, to));
  }

  @Override
  public void subtract(float[] x, float[] y, float[] z) {
    pass((from, to) -> ArrayOperations.subtract(x, y, z, from, to));
  }

  @Override
  public void multiply(float[] x, float[] y, float[] z) {
    pass((from, to) -> ArrayOperations.multiply(x, y, z, from, to));
  }

  @Override
  public void divide(float[] x, float[] y, float[] z) {
    pass((from, to) -> ArrayOperations.divide(x, y, z, from, to));
  }

  @Override
  public void finish() {
    // Every operation is done when it returns.
  }

  @Override
  public void close() {
    workers.close();
  }
}
