package io.nlar.experiments;

import io.nlar.cli.TextTable;
import java.util.ArrayList;
import java.util.List;

/** The results in words: a table and sentences. */
final class Findings {
  /** How near to the best accuracy counts as having found it. */
  private static final double NEAR = 0.02;

  private final Results results;

  Findings(Results results) {
    this.results = results;
  }

  /** Column headings: the rate, then each series after its first epoch and at the end. */
  List<String> headings() {
    List<String> headings = new ArrayList<>(List.of("rate"));
    for (String name : results.series()) {
      headings.add(name + " ep. 1");
      if (results.epochs() > 1) {
        headings.add("ep. " + results.epochs());
      }
    }
    return headings;
  }

  /** A row for each rate. */
  List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (double rate : results.rates()) {
      List<String> row = new ArrayList<>(List.of(Numbers.rate(rate)));
      for (String name : results.series()) {
        row.add(results.accuracy(name, rate, 1).toString());
        if (results.epochs() > 1) {
          row.add(results.accuracy(name, rate, results.epochs()).toString());
        }
      }
      rows.add(row);
    }
    return rows;
  }

  /** The table for a terminal. */
  String table() {
    List<String> headings = headings();
    TextTable table = new TextTable(headings.stream().map(heading -> ">" + heading).toArray(String[]::new));
    rows().forEach(row -> table.row(row.toArray()));
    return table.toString();
  }

  /** What was found, in a sentence or two. */
  String sentence() {
    double best = results.best();
    if (Double.isNaN(best)) {
      return "No run has come to its end yet.";
    }
    return "The best test accuracy at the end is " + Numbers.percent(best) + " %. Within "
        + Math.round(100 * NEAR) + " points of it came " + counts(best - NEAR, results.epochs())
        + (results.epochs() > 1 ? "; after the first epoch already " + counts(best - NEAR, 1) : "") + ".";
  }

  private String counts(double least, int epoch) {
    List<String> parts = new ArrayList<>();
    for (String name : results.series()) {
      List<Double> tried =
          results.rates().stream().filter(rate -> results.accuracy(name, rate, epoch).runs() > 0).toList();
      if (tried.isEmpty()) {
        continue;
      }
      long reached = tried.stream().filter(rate -> results.accuracy(name, rate, epoch).score() >= least).count();
      parts.add(name + " at " + reached + " of " + tried.size() + " initial rates");
    }
    return String.join(", ", parts);
  }
}
