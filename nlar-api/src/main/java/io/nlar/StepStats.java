package io.nlar;

import java.util.Locale;

/**
 * What a step has done so far.
 *
 * @param applied applied steps, t of the last one
 * @param skipped steps skipped or refused for non-finite gradients
 * @param lastSkipped whether the last step was one of those
 * @param norm N = s·√S of the last step over all tensors; NaN before the first and without a reduction
 * @param rates distribution of the learning rates γ over all elements of all parameters; where nothing is estimated
 *     each counts as λ; for {@link Nlarsf} as its parameter's γ
 */
public record StepStats(long applied, long skipped, boolean lastSkipped, double norm, RateHistogram rates) {

  /** For people, for example "412 steps applied, 3 skipped; norm 0.0231; learning rates: 650, 10 % below 1.1e-03, …". */
  @Override
  public String toString() {
    return applied + " steps applied, " + skipped + " skipped" + (lastSkipped ? ", the last one too" : "")
        + (Double.isNaN(norm) ? "" : "; norm " + String.format(Locale.ROOT, "%.3g", norm)) + "; learning rates: " + rates;
  }
}
