package io.nlar.spark;

import java.io.Serializable;
import java.util.Locale;

/**
 * Where the time of a worker's steps went: seconds in all.
 *
 * @param compute the caller's gradients
 * @param average clearing gradients, forming sums of micro-batches, its own and the others'
 * @param exchange receiving gradients, sums of squares and values, from when the last of the others began to send
 * @param waiting until it did
 * @param step sums of squares and the update
 * @param checkpoint writing checkpoints
 */
public record StepTimes(double compute, double average, double exchange, double waiting, double step, double checkpoint)
    implements Serializable {
  /** Seconds without those of computing gradients and writing checkpoints. */
  public double overhead() {
    return average + exchange + waiting + step;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "compute %.3f s, average %.3f, exchange %.3f, wait %.3f, step %.3f, checkpoint %.3f",
        compute, average, exchange, waiting, step, checkpoint);
  }
}
