// A power whose exponent is the number of a step.

/** x^t by squaring, from the lowest bit of t on: the same multiplications on every device. */
static inline double power(double x, ulong t) {
  double result = 1;
  for (ulong bits = t; bits > 0; bits >>= 1) {
    if (bits & 1) {
      result = result * x;
    }
    x = x * x;
  }
  return result;
}
