package io.nlar.experiments;

import java.util.Map;

/** An experiment with the data that it needs. */
interface Task {
  /** How much there is to learn from, for people: {@code 1437 images}. */
  String extent();

  /** How many examples there are to learn from; 0 where they come from what is learned. */
  default int examples() {
    return 0;
  }

  /** How many examples there are to test on; 0 where tests are no examples. */
  default int tests() {
    return 0;
  }

  /** What must agree for runs to be comparable, a line each; may be empty. */
  String fingerprint();

  /** What is learned and how, for the report. */
  Map<String, String> facts();

  /** What does the runs. */
  Training training(Conditions conditions);
}
