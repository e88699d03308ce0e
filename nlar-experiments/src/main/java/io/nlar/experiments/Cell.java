package io.nlar.experiments;

import java.util.List;

/**
 * Accuracies of the same run over several seeds.
 *
 * @param mean over the runs that did not diverge; NaN where there are none
 * @param deviation standard deviation of the sample; 0 for one run
 * @param runs how many there are
 * @param diverged how many of them diverged
 */
record Cell(double mean, double deviation, int runs, int diverged) {

  /** Summarises accuracies, NaN for a run that diverged. */
  static Cell of(List<Double> accuracies) {
    List<Double> finite = accuracies.stream().filter(a -> !a.isNaN()).toList();
    double mean = finite.stream().mapToDouble(a -> a).average().orElse(Double.NaN);
    double squares = finite.stream().mapToDouble(a -> (a - mean) * (a - mean)).sum();
    double deviation = finite.size() > 1 ? Math.sqrt(squares / (finite.size() - 1)) : 0;
    return new Cell(mean, deviation, accuracies.size(), accuracies.size() - finite.size());
  }

  /** The accuracy to compare by: what diverged has learned nothing. */
  double score() {
    return runs == 0 ? Double.NaN : runs == diverged ? 0 : mean * (runs - diverged) / runs;
  }

  /** Percent, mean ± standard deviation. */
  @Override
  public String toString() {
    if (runs == 0) {
      return "–";
    }
    if (diverged == runs) {
      return "diverged";
    }
    String text = Numbers.percent(mean) + (runs - diverged > 1 ? " ±" + Numbers.percent(deviation) : "");
    return diverged == 0 ? text : text + " (" + diverged + " of " + runs + " diverged)";
  }
}
