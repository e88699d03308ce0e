package io.nlar.experiments;

import java.util.Arrays;
import java.util.Random;

/**
 * Double Q-learning (van Hasselt, Guez and Silver 2016): the value of what was done is drawn towards
 *
 * <pre>y = 1 + γ·Q̄(s', argmax Q(s', ·)),   y = 1 where the episode was over</pre>
 *
 * by the mean of (Q − y)² over a batch. Q̄ is Q as it was some updates ago.
 */
final class DoubleQ {
  static final double DISCOUNT = 0.95;
  static final int BATCH = 64;
  /** Updates after which Q̄ becomes Q. */
  static final int REFRESH = 40;

  private final QNetwork online = new QNetwork();
  private final QNetwork target = new QNetwork();
  private final ReplayBuffer.Batch batch = new ReplayBuffer.Batch(BATCH);
  private final QNetwork.Pass after = new QNetwork.Pass(BATCH);
  private final QNetwork.Pass before = new QNetwork.Pass(BATCH);
  private final double[] targets = new double[BATCH];
  private final double[][] slopes = new double[CartPoleSystem.ACTIONS][BATCH];

  QNetwork online() {
    return online;
  }

  /** Q̄ becomes Q. */
  void refresh() {
    target.copyFrom(online);
  }

  /** Computes Q's gradients on a batch from {@code replay}, and returns the loss. */
  double gradients(ReplayBuffer replay, Random random) {
    replay.draw(random, batch);
    targets(batch, online, target, after, targets);
    online.forward(batch.before(), before);
    double loss = loss(batch, before, targets, slopes);
    online.backward(batch.before(), before, slopes);
    return loss;
  }

  /** Writes y for every transition of {@code batch} to {@code targets}. */
  static void targets(ReplayBuffer.Batch batch, QNetwork online, QNetwork target, QNetwork.Pass pass, double[] targets) {
    int n = targets.length;
    online.forward(batch.after(), pass);
    int[] best = new int[n];
    for (int i = 0; i < n; i++) {
      best[i] = pass.best(i);
    }
    target.forward(batch.after(), pass);
    for (int i = 0; i < n; i++) {
      targets[i] = batch.last()[i] ? 1 : 1 + DISCOUNT * pass.values()[best[i]][i];
    }
  }

  /** The mean of (Q − y)², and its derivatives by all values. */
  static double loss(ReplayBuffer.Batch batch, QNetwork.Pass pass, double[] targets, double[][] slopes) {
    int n = targets.length;
    double sum = 0;
    for (double[] row : slopes) {
      Arrays.fill(row, 0);
    }
    for (int i = 0; i < n; i++) {
      int action = batch.actions()[i];
      double error = pass.values()[action][i] - targets[i];
      sum += error * error;
      slopes[action][i] = 2 * error / n;
    }
    return sum / n;
  }
}
