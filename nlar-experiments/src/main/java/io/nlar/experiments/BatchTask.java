package io.nlar.experiments;

import java.util.Map;

/**
 * A problem as a task.
 *
 * @param unit what examples are called
 * @param fingerprint as {@link Task#fingerprint}
 * @param facts as {@link Task#facts}
 */
record BatchTask(Problem problem, String unit, String fingerprint, Map<String, String> facts) implements Task {
  @Override
  public String extent() {
    return examples() + " " + unit;
  }

  @Override
  public int examples() {
    return problem.training().count();
  }

  @Override
  public int tests() {
    return problem.test().count();
  }

  @Override
  public Training training(Conditions conditions) {
    return new BatchTraining(problem, conditions);
  }
}
