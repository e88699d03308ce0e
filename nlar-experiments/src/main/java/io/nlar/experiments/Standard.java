package io.nlar.experiments;

/**
 * Scales numbers to mean 0 and standard deviation 1, as others had them.
 *
 * @param mean of the others
 * @param deviation theirs; above 0
 */
record Standard(double mean, double deviation) {
  /** By {@code count} numbers, {@code apart} elements from each other; all alike, they become 0. */
  static Standard by(float[] numbers, int first, int apart, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += numbers[first + i * apart];
    }
    double mean = sum / count;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      squares += Math.pow(numbers[first + i * apart] - mean, 2);
    }
    return new Standard(mean, squares > 0 ? Math.sqrt(squares / count) : 1);
  }

  float of(float number) {
    return (float) ((number - mean) / deviation);
  }
}
