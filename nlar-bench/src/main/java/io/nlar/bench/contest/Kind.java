package io.nlar.bench.contest;

import java.util.Locale;

/** The part that an entrant plays in a race. */
public enum Kind {
  /** The step's memory traffic without arithmetic: what the device's memory allows. */
  ROOFLINE,
  /** A plain copy, for comparison with other programs' figures. */
  COPY,
  /** An optimizer's step; these are compared with each other. */
  STEP,
  /** Something else about a step: its reduction, its state file. */
  PART;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
