package io.nlar.experiments;

import io.nlar.cli.WrongArgumentException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reinforcement learning of arXiv 2410.09943: balancing a pole by double Q-learning. */
record CartPole() implements Experiment, Task {
  @Override
  public String label() {
    return "cartpole";
  }

  @Override
  public String description() {
    return "CartPole-v0, double Q-learning, network 4-" + QNetwork.HIDDEN + "-2";
  }

  @Override
  public List<String> rates() {
    return List.of("1e-4", "1e-3", "1e-2", "0.1", "0.5", "1");
  }

  @Override
  public int epochs() {
    return 150;
  }

  @Override
  public Measure measure() {
    return Measure.RETURN;
  }

  /** Its goal says as much. */
  @Override
  public double target() {
    return Double.NaN;
  }

  @Override
  public boolean small() {
    return true;
  }

  @Override
  public Task prepare(Path folder) {
    if (folder != null) {
      throw new WrongArgumentException("the experiment cartpole makes its data itself; leave --data out, or name another"
          + " experiment, for example mlp2h");
    }
    return this;
  }

  @Override
  public String extent() {
    return "solved at " + measure().goalText();
  }

  @Override
  public String fingerprint() {
    return "";
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("task", "CartPole-v0: at most " + CartPoleSystem.MOST_STEPS + " steps of 0.02 s, each counts 1; "
        + extent());
    facts.put("network", "4-" + QNetwork.HIDDEN + "-2, ReLU; computed in binary64 on weights of the element type");
    facts.put("loss", "mean squared error of double Q-learning with discount " + DoubleQ.DISCOUNT + ", + "
        + Numbers.rate(Recipe.L2) + "·Σw² over the weights");
    facts.put("learning", "from " + CartPoleTraining.FIRST + " steps on, an update every step; batches of " + DoubleQ.BATCH
        + " from the last " + CartPoleTraining.REPLAY + " steps; the target network is renewed every " + DoubleQ.REFRESH
        + " updates");
    facts.put("exploration", "ε from 1, times " + CartPoleTraining.DECAY + " after every update, down to "
        + CartPoleTraining.LEAST);
    facts.put("test", "after every episode, " + CartPoleTraining.TESTS + " episodes without exploration");
    return facts;
  }

  @Override
  public Training training(Conditions conditions) {
    return new CartPoleTraining(conditions);
  }
}
