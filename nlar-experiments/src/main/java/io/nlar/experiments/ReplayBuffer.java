package io.nlar.experiments;

import java.util.Random;

/** The last transitions, of which batches are drawn (with replacement) to learn from. */
final class ReplayBuffer {
  private final int capacity;
  private final double[] before;
  private final double[] after;
  private final byte[] actions;
  private final boolean[] last;
  private long added;

  ReplayBuffer(int capacity) {
    this.capacity = capacity;
    before = new double[capacity * CartPoleSystem.SIZE];
    after = new double[capacity * CartPoleSystem.SIZE];
    actions = new byte[capacity];
    last = new boolean[capacity];
  }

  /** Adds a transition; it takes the place of the oldest where there is no other. */
  void add(double[] state, int action, double[] next, boolean over) {
    int slot = (int) (added++ % capacity);
    System.arraycopy(state, 0, before, slot * CartPoleSystem.SIZE, CartPoleSystem.SIZE);
    System.arraycopy(next, 0, after, slot * CartPoleSystem.SIZE, CartPoleSystem.SIZE);
    actions[slot] = (byte) action;
    last[slot] = over;
  }

  /** How many there are. */
  int count() {
    return (int) Math.min(added, capacity);
  }

  /** Fills {@code batch}; every transition is as likely as any other, each time. */
  void draw(Random random, Batch batch) {
    int size = batch.actions.length;
    int count = count();
    for (int i = 0; i < size; i++) {
      int slot = random.nextInt(count);
      for (int j = 0; j < CartPoleSystem.SIZE; j++) {
        batch.before[j][i] = before[slot * CartPoleSystem.SIZE + j];
        batch.after[j][i] = after[slot * CartPoleSystem.SIZE + j];
      }
      batch.actions[i] = actions[slot];
      batch.last[i] = last[slot];
    }
  }

  /**
   * Transitions side by side.
   *
   * @param before states: the first numbers of all, their second numbers, and so on
   * @param actions what was done
   * @param after states that came of it, laid out as {@code before}
   * @param last whether the episode was over then
   */
  record Batch(double[][] before, byte[] actions, double[][] after, boolean[] last) {
    Batch(int size) {
      this(new double[CartPoleSystem.SIZE][size], new byte[size], new double[CartPoleSystem.SIZE][size],
          new boolean[size]);
    }
  }
}
