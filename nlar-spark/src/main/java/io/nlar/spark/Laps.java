package io.nlar.spark;

import java.util.Arrays;

/** A stop watch: what has passed since the last lap counts for a part of the work. */
final class Laps {
  /** Where time goes: see {@link StepTimes}. */
  enum Part { COMPUTE, AVERAGE, EXCHANGE, WAIT, STEP, CHECKPOINT }

  private static final double NANO = 1e-9;

  private final long[] nanos = new long[Part.values().length];
  private long last = System.nanoTime();

  /** A part of the work has ended. */
  void end(Part part) {
    end(part, System.nanoTime());
  }

  /** A part of the work has ended at this time, or before the last one did, and then took none. */
  void end(Part part, long time) {
    if (time > last) {
      nanos[part.ordinal()] += time - last;
      last = time;
    }
  }

  /** Forgets all that has passed. */
  void restart() {
    Arrays.fill(nanos, 0);
    last = System.nanoTime();
  }

  StepTimes times() {
    return new StepTimes(seconds(Part.COMPUTE), seconds(Part.AVERAGE), seconds(Part.EXCHANGE), seconds(Part.WAIT),
        seconds(Part.STEP), seconds(Part.CHECKPOINT));
  }

  private double seconds(Part part) {
    return nanos[part.ordinal()] * NANO;
  }
}
