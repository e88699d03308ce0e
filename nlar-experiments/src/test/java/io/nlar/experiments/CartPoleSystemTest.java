package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The physics of the cart and its pole. */
class CartPoleSystemTest {
  /** What Gymnasium's documentation prints for CartPole with the seed 123, before any push. */
  private static final double[] START = {0.01823519, -0.0446179, -0.02796401, -0.03156282};

  private final CartPoleSystem system = new CartPoleSystem();

  private double[] state() {
    double[] state = new double[CartPoleSystem.SIZE];
    system.state(state);
    return state;
  }

  /** The example at its wrapper StickyAction, whose repeated action makes pushes right, right, right, left. */
  @Test
  void transitionsAreThoseThatGymnasiumPublishes() {
    double[][] published = {
      {0.01734283, 0.15089367, -0.02859527, -0.33293587},
      {0.0203607, 0.34641072, -0.03525399, -0.6344974},
      {0.02728892, 0.5420062, -0.04794393, -0.9380709},
      {0.03812904, 0.34756234, -0.06670535, -0.6608303}};
    int[] actions = {1, 1, 1, 0};
    system.start(START);
    for (int i = 0; i < actions.length; i++) {
      system.push(actions[i]);
      assertArrayEquals(published[i], state(), 2e-7, "step " + (i + 1));
    }
  }

  /** Lagrange's equations of cart and rod, solved as two linear equations for both accelerations. */
  @Test
  void transitionsFulfilTheEquationsOfMotion() {
    Random random = new Random(5);
    for (int i = 0; i < 1000; i++) {
      double[] before = {random.nextGaussian(), random.nextGaussian(), 0.2 * random.nextGaussian(),
          2 * random.nextGaussian()};
      int action = random.nextInt(2);
      system.start(before);
      system.push(action);
      double ml = 0.1 * 0.5;
      double cos = Math.cos(before[2]);
      double sin = Math.sin(before[2]);
      double a = 1.1;
      double b = ml * cos;
      double d = 4.0 / 3 * ml * 0.5;
      double first = (action == 1 ? 10 : -10) + ml * before[3] * before[3] * sin;
      double second = ml * 9.8 * sin;
      double determinant = a * d - b * b;
      double[] expected = {before[0] + 0.02 * before[1], before[1] + 0.02 * (d * first - b * second) / determinant,
          before[2] + 0.02 * before[3], before[3] + 0.02 * (a * second - b * first) / determinant};
      assertArrayEquals(expected, state(), 1e-12);
    }
  }

  @Test
  void anEpisodeIsOverWhenThePoleLeansTheCartIsFarOrTheTimeIsUp() {
    system.start(new double[] {0, 0, Math.toRadians(11.99), 0});
    assertFalse(system.over());
    system.start(new double[] {0, 0, -Math.toRadians(12.01), 0});
    assertTrue(system.over());
    system.start(new double[] {2.39, 0, 0, 0});
    assertFalse(system.over());
    system.start(new double[] {-2.41, 0, 0, 0});
    assertTrue(system.over());
    system.start(new double[CartPoleSystem.SIZE]);
    for (int i = 0; i < 200; i++) {
      assertFalse(system.over(), "step " + i);
      double[] state = state();
      system.push(state[2] + 0.3 * state[3] + 0.03 * state[0] + 0.1 * state[1] > 0 ? 1 : 0); // leans back
    }
    assertEquals(200, system.steps());
    assertTrue(system.over());
    system.start(new Random(1));
    assertEquals(0, system.steps());
    for (double number : state()) {
      assertTrue(Math.abs(number) <= 0.05, () -> "starts at " + number);
    }
  }
}
