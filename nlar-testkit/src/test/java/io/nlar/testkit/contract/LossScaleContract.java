package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.ClosedException;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.LossScale;
import io.nlar.NonFinite;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Loss scales, and the view of the control block that they are made from. */
public interface LossScaleContract extends ContractSupport {

  private Step step(StepConfig config, DType type, Buffer value, Buffer gradient) {
    return device().compile(List.of(new ParameterGroup(config, List.of(new Parameter("w", value, gradient)))));
  }

  /**
   * A step is over, and what was asked for before has come: on every device the next look shows what the last one asked for. A
   * scale that is looked at twice after a step knows it.
   */
  private boolean update(LossScale scale, double[] seen, Step step) {
    step.peek(seen);
    device().synchronize();
    return scale.update();
  }

  /** Gradients of 3 overflow at 32 768 and fit at 16 384; the values are those of a run without any scale. */
  @Test
  default void theScaleFindsTheLargestThatFitsAndChangesNoValue() {
    Assumptions.assumeTrue(device().info().types().contains(DType.FLOAT16), "the device keeps nothing in 16 bits");
    int length = 37;
    double[] slope = new double[length];
    Arrays.setAll(slope, i -> i == 0 ? 3 : DType.FLOAT16.round(0.01 * i));
    Buffer scaled = device().allocate(DType.FLOAT16, length);
    Buffer gradient = device().allocate(DType.FLOAT16, length);
    Buffer plain = device().allocate(DType.FLOAT16, length);
    double[] seen = new double[Control.LENGTH];
    try (Step step = step(StepConfig.nlarcm(), DType.FLOAT16, scaled, gradient);
        Step unscaled = step(StepConfig.nlarcm(), DType.FLOAT16, plain, gradient)) {
      LossScale scale = new LossScale(step, 0x1p18, 5);
      double largest = 0;
      int applied = 0;
      for (int i = 0; i < 40; i++) {
        double now = scale.value();
        HostValues.write(gradient, Arrays.stream(slope).map(g -> DType.FLOAT16.round(g * now)).toArray());
        step.await(step.run(scale.inverse(), 1));
        update(scale, seen, step);
        if (now * 3 < 65_520) {
          largest = Math.max(largest, now);
          HostValues.write(gradient, slope);
          unscaled.await(unscaled.run(1, 1));
          applied++;
        }
      }
      assertEquals(16_384, largest);
      assertEquals(applied, step.stats().applied());
      assertTrue(applied >= 25, applied + " steps of 40 were applied");
      assertArrayEquals(HostValues.read(plain), HostValues.read(scaled));
    }
  }

  /** What never becomes finite is not the scale's fault: it ends at its smallest, and the values are where they were. */
  @Test
  default void gradientsThatAreNeverFiniteEndAtTheSmallestScale() {
    Buffer value = buffer(anyType(), 1, 2, 3);
    Buffer gradient = buffer(anyType(), 0, Double.NaN, 0);
    double[] seen = new double[Control.LENGTH];
    try (Step step = step(StepConfig.nlarcm(), anyType(), value, gradient)) {
      LossScale scale = new LossScale(step, 0x1p-20, 1);
      for (int i = 0; i < 12; i++) {
        step.await(step.run(scale.inverse(), 1));
        update(scale, seen, step);
      }
      assertEquals(0x1p-24, scale.value());
      assertArrayEquals(new double[] {1, 2, 3}, HostValues.read(value));
      assertEquals(12, step.stats().skipped());
      HostValues.write(gradient, 0, 1, 0);
      step.await(step.run(scale.inverse(), 1));
      assertTrue(update(scale, seen, step), "it grows again");
    }
  }

  @Test
  default void aScaleOfAStepThatRanBeforeCountsFromThen() {
    Buffer value = buffer(anyType(), 1);
    Buffer gradient = buffer(anyType(), Double.NaN);
    double[] seen = new double[Control.LENGTH];
    try (Step step = step(StepConfig.nlarcm(), anyType(), value, gradient)) {
      for (int i = 0; i < 7; i++) {
        step.await(step.run(1, 1));
      }
      HostValues.write(gradient, 1);
      LossScale scale = new LossScale(step, 8, 3);
      for (int i = 1; i <= 3; i++) {
        step.await(step.run(scale.inverse(), 1));
        assertEquals(i == 3, update(scale, seen, step), "step " + i);
      }
      assertEquals(16, scale.value());
    }
  }

  @Test
  default void whatALossScaleCannotDoIsRefused() {
    Buffer value = buffer(anyType(), 1);
    Buffer gradient = buffer(anyType(), 1);
    StepConfig config = StepConfig.nlarcm();
    Step step = step(config, anyType(), value, gradient);
    for (double first : new double[] {0, -1, 3, 0x1p-25, 0x1p25, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertRefused(SettingException.class, () -> new LossScale(step, first, 1), "power of two", "" + first);
    }
    assertRefused(SettingException.class, () -> new LossScale(step, 1, 0), "at least 1", "0");
    assertThrows(BufferException.class, () -> step.peek(new double[Control.LENGTH - 1]));
    try (Step unchecked = step(config.withScaling(new Scaling.Value(1)), anyType(), value, gradient)) {
      assertRefused(SettingException.class, () -> new LossScale(unchecked), "NonFinite.SKIP");
    }
    try (Step checked = step(config.withScaling(new Scaling.Value(1)).withNonFinite(NonFinite.SKIP), anyType(), value,
        gradient)) {
      assertFalse(new LossScale(checked).update(), "nothing ran");
    }
    LossScale scale = new LossScale(step);
    step.close();
    assertThrows(ClosedException.class, scale::update);
  }
}
