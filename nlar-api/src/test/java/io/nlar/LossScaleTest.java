package io.nlar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** A loss scale on a device that is several steps behind. */
class LossScaleTest {
  private static final int BEHIND = 4;

  private final double[] control = new double[Control.LENGTH];

  /** A step of which nothing works but what a loss scale asks. */
  private Step step() {
    Buffer block = (Buffer) Proxy.newProxyInstance(Buffer.class.getClassLoader(), new Class<?>[] {Buffer.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("copyTo")) {
            ((MemorySegment) arguments[0]).copyFrom(MemorySegment.ofArray(control));
          }
          return null;
        });
    return (Step) Proxy.newProxyInstance(Step.class.getClassLoader(), new Class<?>[] {Step.class},
        (proxy, method, arguments) -> switch (method.getName()) {
          case "control" -> block;
          case "groups" -> 1;
          case "config" -> StepConfig.nlarcm();
          case "peek" -> {
            System.arraycopy(control, 0, arguments[0], 0, control.length);
            yield null;
          }
          default -> throw new UnsupportedOperationException(method.getName());
        });
  }

  /** A step ends on the device, skipped if its scale was above {@code fits}. */
  private void end(double scale, double fits) {
    boolean skip = scale > fits;
    control[Control.COMPLETED.ordinal()]++;
    control[(skip ? Control.SKIPPED : Control.APPLIED).ordinal()]++;
    control[Control.LAST_SKIPPED.ordinal()] = skip ? 1 : 0;
  }

  private double[] run(LossScale scale, int steps, double fits, int endedAtOnce) {
    double[] used = new double[steps];
    for (int i = 0; i < steps; i++) {
      used[i] = scale.value();
      if (i >= BEHIND && (i - BEHIND) % endedAtOnce == 0) {
        for (int j = 0; j < endedAtOnce && i - BEHIND + j < i; j++) {
          end(used[i - BEHIND + j], fits);
        }
      }
      scale.update();
    }
    return used;
  }

  /** The steps that were under way with the scale that was too large are not held against the next. */
  @Test
  void stepsUnderWayDoNotHalveAgain() {
    LossScale scale = new LossScale(step(), 1024, 1000);
    double[] used = run(scale, 40, 256, 1);
    for (int i = 0; i < used.length; i++) {
      assertEquals(i <= BEHIND ? 1024 : i <= 2 * BEHIND + 1 ? 512 : 256, used[i], "step " + i);
    }
  }

  /** Several steps become known at once: with an old scale and the new one among them. */
  @Test
  void stepsThatBecomeKnownTogetherHalveOnce() {
    LossScale scale = new LossScale(step(), 1024, 1000);
    run(scale, 60, 512, 3);
    assertEquals(512, scale.value());
  }

  @Test
  void goodStepsUnderWayDoNotCountForTheNextScale() {
    LossScale scale = new LossScale(step(), 1, 10);
    double[] used = run(scale, 60, Double.MAX_VALUE, 1);
    int grown = 0;
    for (int i = 1; i < used.length; i++) {
      if (used[i] != used[i - 1]) {
        assertEquals(2 * used[i - 1], used[i]);
        assertEquals(10 + BEHIND, i - grown, "steps with scale " + used[i - 1]);
        grown = i;
      }
    }
    assertTrue(grown > 0);
  }
}
