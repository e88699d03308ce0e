package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.BufferException;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.ParameterException;
import io.nlar.Slot;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** State tensors: which there are, where they start, reading and setting them. */
public interface StateContract extends ContractSupport {

  private List<GroupSpec> one(DType type, StepConfig config, int length) {
    return List.of(GroupSpec.of(config, type, new TensorSpec("w", length)));
  }

  @Test
  default void everySettingKeepsItsSlotsAndNoOthers() {
    StepConfig base = StepConfig.nlarcm();
    checkSlots(base, EnumSet.of(Slot.VELOCITY, Slot.RATE, Slot.WEIGHT));
    checkSlots(base.withMomentum(new Momentum.None()), EnumSet.noneOf(Slot.class));
    checkSlots(base.withMomentum(new Momentum.Inverse(0)), EnumSet.noneOf(Slot.class));
    checkSlots(base.withMomentum(new Momentum.None()).withNoise(new Noise.Fresh(1)),
        EnumSet.of(Slot.RATE, Slot.WEIGHT));
    checkSlots(base.withNoise(new Noise.Frozen(1)), EnumSet.of(Slot.VELOCITY, Slot.RATE, Slot.WEIGHT, Slot.NOISE));
    checkSlots(StepConfig.nlarbb(), EnumSet.of(Slot.VELOCITY, Slot.RATE, Slot.WEIGHT, Slot.PREVIOUS));
    checkSlots(StepConfig.adamw(), EnumSet.of(Slot.MEAN, Slot.SQUARE));
    checkSlots(StepConfig.nadamw(), EnumSet.of(Slot.MEAN, Slot.SQUARE));
    checkSlots(StepConfig.lion(), EnumSet.of(Slot.MEAN));
  }

  private void checkSlots(StepConfig config, Set<Slot> slots) {
    for (DType type : types()) {
      try (DeviceModel model = new DeviceModel(device(), one(type, config, 10), Layout.ALLOCATED)) {
        for (Slot slot : Slot.values()) {
          if (slots.contains(slot)) {
            Buffer state = model.step().state("w", slot);
            assertEquals(10, state.length());
            assertEquals(type, state.type());
          } else {
            assertRefused(ParameterException.class, () -> model.step().state("w", slot), "'w'", slot.label());
          }
        }
        assertEquals(10L * type.bytes() * slots.size(), model.step().stateBytes());
        assertEquals(config.stateBytes(type, 10), model.step().stateBytes());
      }
    }
  }

  @Test
  default void theStateStartsAsTheReferenceStarts() {
    for (DType type : types()) {
      for (StepConfig config : List.of(StepConfig.nlarsm(), StepConfig.nlarcm(), StepConfig.nlarpm())) {
        List<GroupSpec> groups = one(type, config.withNoise(new Noise.Frozen(-3)).withLearningRate(0.3), 1027);
        ReferenceStep reference = new ReferenceStep(groups);
        try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
          assertSameBits("start values", 0, reference, model);
        }
      }
    }
  }

  @Test
  default void unknownParametersHaveNoState() {
    try (DeviceModel model = new DeviceModel(device(), one(anyType(), StepConfig.nlarsm(), 3), Layout.ALLOCATED)) {
      assertRefused(ParameterException.class, () -> model.step().state("v", Slot.RATE), "'v'");
      assertRefused(ParameterException.class,
          () -> model.step().learningRates("v", HostValues.segment(anyType(), 0, 0, 0)), "'v'");
    }
  }

  @Test
  default void stateThatIsSetIsUsed() {
    for (DType type : types()) {
      List<GroupSpec> groups = one(type, StepConfig.nlarsm().withNoise(new Noise.Frozen(1)).withNoiseScale(0.1), 100);
      ReferenceStep reference = new ReferenceStep(groups);
      try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
        startEqually(reference, model, 1);
        feedEqually(reference, model, 1);
        for (Slot slot : groups.getFirst().config().slots()) {
          double[] values = numbers(type, 100, 100 + slot.ordinal());
          System.arraycopy(values, 0, reference.tensor("w").state(slot), 0, 100);
        }
        model.setState(reference);
        reference.run(1, 1);
        model.step().run(1, 1);
        assertSameBits("set state", 1, reference, model);
      }
    }
  }

  @Test
  default void learningRatesAreReadInTheParametersType() {
    for (DType type : types()) {
      for (StepConfig config : List.of(StepConfig.nlarsm(), StepConfig.nlarcm(),
          StepConfig.nlarcm().withMomentum(new Momentum.None()))) {
        List<GroupSpec> groups = one(type, config, 40);
        ReferenceStep reference = new ReferenceStep(groups);
        try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
          for (int number = 1; number <= 3; number++) {
            feedEqually(reference, model, number);
            reference.run(1, 1);
            model.step().run(1, 1);
          }
          var host = HostValues.segment(type, new double[40]);
          model.step().learningRates("w", host);
          assertSameBits("learning rates", reference.learningRates("w"), HostValues.read(host, type));
          assertRefused(BufferException.class,
              () -> model.step().learningRates("w", HostValues.segment(type, new double[39])), "'w'");
          assertRefused(BufferException.class, () -> model.step().learningRates("w", host.asReadOnly()), "read-only");
        }
      }
    }
  }

  @Test
  default void statsDescribeTheLearningRates() {
    List<GroupSpec> groups = one(anyType(), StepConfig.nlarcm(), 5);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      double[] rates = new double[5];
      Arrays.fill(rates, 0.01);
      rates[0] = -2;
      HostValues.write(model.step().state("w", Slot.RATE), rates);
      assertEquals(5, model.step().stats().rates().count());
      assertEquals(1, model.step().stats().rates().negativeCount());
      assertEquals(0.01, model.step().stats().rates().quantile(0.5), 0.0006);
    }
  }
}
