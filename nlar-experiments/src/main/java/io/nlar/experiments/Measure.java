package io.nlar.experiments;

import java.util.Locale;

/** What the runs of an experiment are scored by. */
enum Measure {
  /** The share of test images that are told right, 0 … 1, shown in percent. */
  ACCURACY("test accuracy", "accuracy", "epoch", "%", "points", 100, 100, 0.02, 1, Double.POSITIVE_INFINITY),
  /** Steps for which the pole stays up, on the mean of the last evaluations. */
  RETURN("return", "return", "episode", "steps", "steps", 1, CartPoleSystem.MOST_STEPS, 5, 100, 195);

  private final String label;
  private final String column;
  private final String epoch;
  private final String unit;
  private final String difference;
  private final double factor;
  private final double top;
  private final double near;
  private final int window;
  private final double goal;

  Measure(String label, String column, String epoch, String unit, String difference, double factor, double top,
      double near, int window, double goal) {
    this.label = label;
    this.column = column;
    this.epoch = epoch;
    this.unit = unit;
    this.difference = difference;
    this.factor = factor;
    this.top = top;
    this.near = near;
    this.window = window;
    this.goal = goal;
  }

  /** For people: {@code test accuracy}. */
  String label() {
    return label;
  }

  /** The word for it in the columns of {@code runs.csv}. */
  String column() {
    return column;
  }

  /** What is called an epoch here. */
  String epoch() {
    return epoch;
  }

  /** The unit. */
  String unit() {
    return unit;
  }

  /** Its name and unit: {@code test accuracy, %}. */
  String title() {
    return label + ", " + unit;
  }

  /** A score without its unit, one digit behind the point. */
  String number(double score) {
    return String.format(Locale.ROOT, "%.1f", shown(score));
  }

  /** A score with its unit. */
  String text(double score) {
    return number(score) + " " + unit;
  }

  /** A score as a picture has it. */
  double shown(double score) {
    return factor * score;
  }

  /** The highest of what {@link #shown} gives. */
  double top() {
    return top;
  }

  /** How near to the best score counts as having found it. */
  double near() {
    return near;
  }

  /** {@link #near} for people: {@code 2 points}. */
  String nearText() {
    return Math.round(factor * near) + " " + difference;
  }

  /** Over how many of the last epochs a score is the mean. */
  int window() {
    return window;
  }

  /** Whether the first epoch alone says something. */
  boolean tellsAtOnce() {
    return window == 1;
  }

  /** Whether there is a score at which a run has solved its task, and ends. */
  boolean hasGoal() {
    return goal < Double.POSITIVE_INFINITY;
  }

  /** When a run has solved its task, for people. */
  String goalText() {
    return "a mean of " + Numbers.rate(goal) + " over " + window + " " + epoch + "s";
  }

  /**
   * Whether a run has solved its task.
   *
   * @param score mean over the last epochs
   * @param epochs how many there were
   */
  boolean solved(double score, int epochs) {
    return epochs >= window && score >= goal;
  }
}
