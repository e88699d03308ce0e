package io.nlar.experiments;

import java.util.Random;

/**
 * A pole on a cart that is pushed left or right (Barto, Sutton and Anderson 1983), with the equations, constants and
 * explicit Euler steps of the environment {@code CartPole-v0} of OpenAI Gym. An episode is over when the pole leans by
 * more than 12°, when the cart is more than 2.4 m away, or after {@value #MOST_STEPS} steps; every step counts 1.
 */
final class CartPoleSystem {
  /** After so many steps an episode is over. */
  static final int MOST_STEPS = 200;
  /** Numbers of a state: place of the cart in m, its speed in m/s, angle of the pole in rad, its speed in rad/s. */
  static final int SIZE = 4;
  /** Pushes: 0 to the left, 1 to the right. */
  static final int ACTIONS = 2;

  private static final double GRAVITY = 9.8;
  private static final double POLE_MASS = 0.1;
  private static final double TOTAL_MASS = 1 + POLE_MASS;
  /** Half of the pole's length. */
  private static final double LENGTH = 0.5;
  private static final double FORCE = 10;
  private static final double SECONDS = 0.02;
  private static final double FARTHEST = 2.4;
  private static final double STEEPEST = 12 * 2 * Math.PI / 360;
  private static final double START = 0.05;

  private final double[] state = new double[SIZE];
  private int steps;

  /** Begins an episode near rest. */
  void start(Random random) {
    double[] begin = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      begin[i] = START * (2 * random.nextDouble() - 1);
    }
    start(begin);
  }

  /** Begins an episode in this state. */
  void start(double[] begin) {
    System.arraycopy(begin, 0, state, 0, SIZE);
    steps = 0;
  }

  /** Pushes the cart for 0.02 s. */
  void push(int action) {
    double force = action == 1 ? FORCE : -FORCE;
    double angle = state[2];
    double turning = state[3];
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    double pull = (force + POLE_MASS * LENGTH * turning * turning * sin) / TOTAL_MASS;
    double turn = (GRAVITY * sin - cos * pull) / (LENGTH * (4.0 / 3 - POLE_MASS * cos * cos / TOTAL_MASS));
    double acceleration = pull - POLE_MASS * LENGTH * turn * cos / TOTAL_MASS;
    state[0] += SECONDS * state[1];
    state[1] += SECONDS * acceleration;
    state[2] += SECONDS * turning;
    state[3] += SECONDS * turn;
    steps++;
  }

  /** Steps of the episode so far, which is its return. */
  int steps() {
    return steps;
  }

  /** Whether the episode is over. */
  boolean over() {
    return steps >= MOST_STEPS || Math.abs(state[0]) > FARTHEST || Math.abs(state[2]) > STEEPEST;
  }

  /** Copies the state to {@code target}. */
  void state(double[] target) {
    System.arraycopy(state, 0, target, 0, SIZE);
  }

  /** Copies the state to a place in a batch, laid out as in {@link ReplayBuffer.Batch}. */
  void state(double[][] batch, int place) {
    for (int i = 0; i < SIZE; i++) {
      batch[i][place] = state[i];
    }
  }
}
