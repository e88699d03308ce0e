package io.nlar.experiments;

import java.util.Comparator;
import java.util.Locale;

/** What the runs of an experiment are scored by. */
enum Measure {
  /** The share of test images that are told right, 0 … 1, shown in percent. */
  ACCURACY(new Words("test accuracy", "accuracy", "epoch", "%", "2 points"), new Scale(100, 1, 0, 100), true, 0, 0.02, 1,
      Double.POSITIVE_INFINITY),
  /** Steps for which the pole stays up, on the mean of the last evaluations. */
  RETURN(new Words("return", "return", "episode", "steps", "5 steps"), new Scale(1, 1, 0, CartPoleSystem.MOST_STEPS), true,
      0, 5, 100, 195),
  /** Cross-entropy on held-out text, in bits per character. Without a model a byte takes 8. */
  BITS(new Words("test cross-entropy", "bits_per_character", "epoch", "bits per character", "0.05 bits"),
      new Scale(1, 3, 1, 8), false, 8, 0.05, 1, Double.NEGATIVE_INFINITY),
  /** Root of the mean squared error in standard deviations of the training targets: 1 for who always says their mean. */
  ERROR(new Words("test RMSE", "rmse", "epoch", "σ", "0.02 σ"), new Scale(1, 3, 0, 1.2), false, 1, 0.02, 1,
      Double.NEGATIVE_INFINITY);

  /**
   * How people call it.
   *
   * @param label {@code test accuracy}
   * @param column in {@code runs.csv}
   * @param epoch what is called an epoch here
   * @param near how near to the best score counts as having found it: {@code 2 points}
   */
  private record Words(String label, String column, String epoch, String unit, String near) {}

  /**
   * How it is shown.
   *
   * @param factor of what is shown
   * @param digits behind the point
   * @param least where pictures' axes begin
   * @param most where they end
   */
  private record Scale(double factor, int digits, double least, double most) {}

  /** From here on digits behind the point say nothing. */
  private static final double MANY = 1e5;

  private final Words words;
  private final Scale scale;
  private final boolean larger;
  private final double nothing;
  private final double near;
  private final int window;
  private final double goal;

  Measure(Words words, Scale scale, boolean larger, double nothing, double near, int window, double goal) {
    this.words = words;
    this.scale = scale;
    this.larger = larger;
    this.nothing = nothing;
    this.near = near;
    this.window = window;
    this.goal = goal;
  }

  /** For people: {@code test accuracy}. */
  String label() {
    return words.label();
  }

  /** The word for it in the columns of {@code runs.csv}. */
  String column() {
    return words.column();
  }

  /** What is called an epoch here. */
  String epoch() {
    return words.epoch();
  }

  /** The unit. */
  String unit() {
    return words.unit();
  }

  /** Its name and unit: {@code test accuracy, %}; and that less is better, where it is. */
  String title() {
    return label() + ", " + unit() + (larger ? "" : " (lower is better)");
  }

  /** A score without its unit, with as many digits behind the point as say something. */
  String number(double score) {
    double shown = shown(score);
    return Math.abs(shown) < MANY ? String.format(Locale.ROOT, "%." + scale.digits() + "f", shown) : Numbers.rate(shown);
  }

  /** A score with its unit. */
  String text(double score) {
    return number(score) + " " + unit();
  }

  /** A score as tables have it. */
  double shown(double score) {
    return scale.factor() * score;
  }

  /** A score as pictures have it: what lies beyond their axis stands at its end. */
  double drawn(double score) {
    return Math.clamp(shown(score), scale.least(), scale.most());
  }

  /** Where pictures' axes begin. */
  double least() {
    return scale.least();
  }

  /** Where they end. */
  double most() {
    return scale.most();
  }

  /** By how much {@code score} is better than {@code other}; below 0 where it is worse. */
  double gain(double other, double score) {
    return larger ? score - other : other - score;
  }

  /** The better of two scores is the larger by this order. */
  Comparator<Double> order() {
    return larger ? Comparator.naturalOrder() : Comparator.reverseOrder();
  }

  /** What the best score is: {@code highest}. */
  String best() {
    return larger ? "highest" : "lowest";
  }

  /** What worse ones are: {@code lower}. */
  String worse() {
    return larger ? "lower" : "higher";
  }

  /** The score of having learned nothing, which a run that diverged has. */
  double nothing() {
    return nothing;
  }

  /** How near to the best score counts as having found it. */
  double near() {
    return near;
  }

  /** {@link #near} for people: {@code 2 points}. */
  String nearText() {
    return words.near();
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
    return !Double.isInfinite(goal);
  }

  /** When a run has solved its task, for people. */
  String goalText() {
    return "a mean of " + Numbers.rate(goal) + " over " + window + " " + epoch() + "s";
  }

  /**
   * Whether a run has solved its task.
   *
   * @param score mean over the last epochs
   * @param epochs how many there were
   */
  boolean solved(double score, int epochs) {
    return epochs >= window && gain(goal, score) >= 0;
  }
}
