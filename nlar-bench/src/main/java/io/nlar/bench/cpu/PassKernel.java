package io.nlar.bench.cpu;

/**
 * The two passes of a step with momentum, without arithmetic: the same arrays are read and written in the same order.
 * What is loaded must go somewhere, or a compiler would drop the load: g goes into a sum of 64-bit words (the one
 * operation), and θ, v, D, A are stored one array further on. Addresses are native; {@code bytes} is a multiple of
 * {@link #UNIT_BYTES}.
 */
interface PassKernel {
  /** A cache line, and at least a vector. */
  int UNIT_BYTES = 64;

  /** Reads g; returns the sum of its words. */
  long reduce(long g, long bytes);

  /** Reads g, θ, v, D, A and writes v to θ, D to v, A to D, θ to A; returns the sum of the words of g. */
  long apply(long g, long theta, long v, long rate, long weight, long bytes);
}
