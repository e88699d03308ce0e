package io.nlar.experiments;

/** Takes the learning rates of a network's parameters. */
@FunctionalInterface
interface RateSink {
  /** As many parameters as {@code times} says have this rate. */
  void add(double rate, long times);
}
