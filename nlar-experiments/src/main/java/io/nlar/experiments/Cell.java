package io.nlar.experiments;

import java.util.List;

/**
 * Scores of the same run over several seeds.
 *
 * @param mean over the runs that did not diverge; NaN where there are none
 * @param deviation standard deviation of the sample; 0 for one run
 * @param runs how many there are
 * @param diverged how many of them diverged
 * @param measure what the scores are
 */
record Cell(double mean, double deviation, int runs, int diverged, Measure measure) {

  /** Summarises scores, NaN for a run that diverged. */
  static Cell of(List<Double> scores, Measure measure) {
    List<Double> finite = scores.stream().filter(a -> !a.isNaN()).toList();
    double mean = finite.stream().mapToDouble(a -> a).average().orElse(Double.NaN);
    double squares = finite.stream().mapToDouble(a -> (a - mean) * (a - mean)).sum();
    double deviation = finite.size() > 1 ? Math.sqrt(squares / (finite.size() - 1)) : 0;
    return new Cell(mean, deviation, scores.size(), scores.size() - finite.size(), measure);
  }

  /** The score to compare by: what diverged has learned nothing. */
  double score() {
    if (runs == 0) {
      return Double.NaN;
    }
    double finite = runs == diverged ? 0 : mean * (runs - diverged);
    return (finite + measure.nothing() * diverged) / runs;
  }

  /** Standard error of the mean over the runs that did not diverge. */
  double standardError() {
    return deviation / Math.sqrt(Math.max(1, runs - diverged));
  }

  /** Whether the seeds tell this cell's mean from a better one: by more than two standard errors of the difference. */
  boolean behind(Cell better) {
    return measure.gain(score(), better.score()) > 2 * Math.hypot(standardError(), better.standardError());
  }

  /** Mean ± standard error. */
  String text() {
    if (runs == 0) {
      return "–";
    }
    if (diverged == runs) {
      return "diverged";
    }
    String text = measure.number(mean) + (runs - diverged > 1 ? " ±" + measure.number(standardError()) : "");
    return diverged == 0 ? text : text + " (" + diverged + " of " + runs + " diverged)";
  }
}
