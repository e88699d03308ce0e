package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.NonFinite;
import io.nlar.NonFiniteGradientException;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.SettingException;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.Update;
import io.nlar.testkit.HostValues;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Updates instead of new values. That all of their bits are right {@link BitContract} asks. */
public interface UpdateContract extends ContractSupport {

  /** A parameter of a step with its buffers. */
  final class One {
    final Buffer value;
    final Buffer gradient;
    final Buffer beside;

    One(Device device, DType type, int length) {
      value = device.allocate(type, length);
      gradient = device.allocate(type, length);
      beside = device.allocate(type, length);
    }

    Step compile(StepConfig config, Update update) {
      return gradient.device().compile(List.of(new ParameterGroup(config,
          List.of(new Parameter("w", value, gradient).withUpdate(update)))));
    }
  }

  private static StepConfig[] configs() {
    return new StepConfig[] {StepConfig.nlarcm(), StepConfig.nlarsm(), StepConfig.nlarpm(),
        StepConfig.nlarcm().withMomentum(new Momentum.None()), StepConfig.adamw().withWeightDecay(0), StepConfig.nadamw().withWeightDecay(0),
        StepConfig.lion()};
  }

  /** Without weight decay, adding or subtracting the update in T is what the step does itself. */
  @Test
  default void whatIsAddedOrSubtractedGivesTheValuesBits() {
    int length = 1030;
    for (DType type : types()) {
      for (StepConfig config : configs()) {
        One direct = new One(device(), type, length);
        One added = new One(device(), type, length);
        One subtracted = new One(device(), type, length);
        double[] theta = numbers(type, length, 1);
        double[] sum = theta.clone();
        double[] difference = theta.clone();
        HostValues.write(direct.value, theta);
        try (Step step = direct.compile(config, null);
            Step adding = added.compile(config, Update.added());
            Step subtracting = subtracted.compile(config, Update.subtracted().to(subtracted.beside))) {
          for (int number = 2; number < 6; number++) {
            double[] g = numbers(type, length, number);
            for (One one : List.of(direct, added, subtracted)) {
              HostValues.write(one.gradient, g);
            }
            for (Step each : List.of(step, adding, subtracting)) {
              each.await(each.run(1, 1));
            }
            double[] u = HostValues.read(added.gradient);
            double[] minusU = HostValues.read(subtracted.beside);
            for (int i = 0; i < length; i++) {
              sum[i] = type.round(sum[i] + u[i]);
              difference[i] = type.round(difference[i] - minusU[i]);
            }
            assertSameBits("added", HostValues.read(direct.value), sum);
            assertSameBits("subtracted", HostValues.read(direct.value), difference);
            assertSameBits("values stay", new double[length], HostValues.read(added.value));
            assertSameBits("gradients stay", g, HostValues.read(subtracted.gradient));
          }
        }
      }
    }
  }

  /** Nothing reads a value that does not decay, so that the gradient may stand for it, or NaNs be there. */
  @Test
  default void withoutWeightDecayTheValueCountsForNothing() {
    DType type = anyType();
    One one = new One(device(), type, 100);
    double[] nans = new double[100];
    Arrays.fill(nans, Double.NaN);
    HostValues.write(one.value, nans);
    double[] g = numbers(type, 100, 3);
    HostValues.write(one.gradient, g);
    Buffer other = buffer(type, g);
    try (Step step = one.compile(StepConfig.nlarcm(), Update.added());
        Step alone = device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(),
            List.of(new Parameter("w", other, other).withUpdate(Update.added())))))) {
      step.await(step.run(1, 1));
      alone.await(alone.run(1, 1));
      assertSameBits("update", HostValues.read(other), HostValues.read(one.gradient));
      assertRefused(ParameterException.class,
          () -> alone.reconfigure(0, StepConfig.nlarcm().withWeightDecay(0.1)), "share memory", "'w'");
      alone.await(alone.run(1, 1));
    }
  }

  @Test
  default void aSkippedStepWritesZeros() {
    for (DType type : types()) {
      One over = new One(device(), type, 40);
      One beside = new One(device(), type, 40);
      double[] g = numbers(type, 40, 3);
      g[7] = Double.NaN;
      HostValues.write(over.gradient, g);
      HostValues.write(beside.gradient, g);
      HostValues.write(beside.beside, numbers(type, 40, 4));
      try (Step step = over.compile(StepConfig.nlarcm(), Update.subtracted());
          Step other = beside.compile(StepConfig.nlarcm(), Update.added().to(beside.beside))) {
        step.await(step.run(1, 1));
        other.await(other.run(1, 1));
        assertEquals(1, step.stats().skipped());
        assertSameBits("over the gradient", new double[40], HostValues.read(over.gradient));
        assertSameBits("beside", new double[40], HostValues.read(beside.beside));
        assertSameBits("gradient", g, HostValues.read(beside.gradient));
      }
    }
  }

  @Test
  default void aRefusedStepAndOneWithoutGradientWriteNothing() {
    One one = new One(device(), anyType(), 40);
    double[] g = numbers(anyType(), 40, 3);
    g[7] = Double.NaN;
    double[] before = numbers(anyType(), 40, 4);
    HostValues.write(one.gradient, g);
    HostValues.write(one.beside, before);
    Update update = Update.added().to(one.beside);
    try (Step step = one.compile(StepConfig.nlarcm().withNonFinite(NonFinite.FAIL), update)) {
      assertRefused(NonFiniteGradientException.class, () -> step.await(step.run(1, 1)), "'w'");
      assertSameBits("refused", before, HostValues.read(one.beside));
      step.rebind(List.of(new Parameter("w", one.value, null).withUpdate(update)));
      step.await(step.run(1, 1));
      assertSameBits("without gradient", before, HostValues.read(one.beside));
    }
  }

  @Test
  default void updatesMoveWithTheirBuffers() {
    DType type = anyType();
    One here = new One(device(), type, 70);
    One there = new One(device(), type, 70);
    One direct = new One(device(), type, 70);
    try (Step step = here.compile(StepConfig.nlarcm(), Update.added());
        Step expected = direct.compile(StepConfig.nlarcm(), Update.added())) {
      for (int number = 1; number <= 3; number++) {
        double[] g = numbers(type, 70, number);
        Buffer result = number == 3 ? there.beside : number == 2 ? there.gradient : here.gradient;
        if (number == 2) {
          step.rebind(List.of(new Parameter("w", there.value, there.gradient).withUpdate(Update.added())));
        } else if (number == 3) {
          step.rebind(List.of(new Parameter("w", there.value, there.gradient).withUpdate(Update.added().to(result))));
        }
        HostValues.write(number == 1 ? here.gradient : there.gradient, g);
        HostValues.write(direct.gradient, g);
        step.await(step.run(1, 1));
        expected.await(expected.run(1, 1));
        assertSameBits("update " + number, HostValues.read(direct.gradient), HostValues.read(result));
      }
      assertRefused(ParameterException.class,
          () -> step.rebind(List.of(new Parameter("w", there.value, there.gradient))), "'w'", "its update");
    }
  }

  @Test
  default void updatesThatDoNotFitAreRefused() {
    DType type = anyType();
    One one = new One(device(), type, 8);
    assertRefused(ParameterException.class, () -> device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(),
        List.of(new Parameter("w", one.value, one.gradient, true).withUpdate(Update.added()))))), "'w'", "zeroed");
    assertRefused(ParameterException.class, () -> one.compile(StepConfig.nlarcm(),
        Update.added().to(device().allocate(type, 9))), "update", "'w'", "9", "8");
    assertRefused(ParameterException.class, () -> one.compile(StepConfig.nlarcm(), Update.added().to(one.gradient)),
        "share memory");
    assertRefused(ParameterException.class, () -> one.compile(StepConfig.nlarcm().withWeightDecay(0.1),
        Update.added().to(one.value)), "share memory");
    if (types().size() > 1) {
      assertRefused(ParameterException.class, () -> one.compile(StepConfig.nlarcm(),
          Update.added().to(device().allocate(types().getLast(), 8))), types().getLast().toString());
    }
    try (Device stranger = openAnother()) {
      assertRefused(BufferException.class,
          () -> one.compile(StepConfig.nlarcm(), Update.added().to(stranger.allocate(type, 8))), "'w'");
    }
  }

  @Test
  default void updatesOfNarrowNumbersAreRefusedByName() {
    Assumptions.assumeTrue(device().info().types().contains(DType.BFLOAT16), "the device knows no BFLOAT16");
    Buffer value = device().allocate(DType.BFLOAT16, 8);
    Buffer gradient = device().allocate(DType.BFLOAT16, 8);
    assertRefused(SettingException.class, () -> device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(),
        List.of(new Parameter("w", value, gradient).withUpdate(Update.added()))))), "'w'", "BFLOAT16", "FLOAT32");
  }
}
