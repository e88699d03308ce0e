package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.ArrayStep;
import io.nlar.CallOrderException;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Precision;
import io.nlar.Precision.Master;
import io.nlar.Restore;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.Slot;
import io.nlar.State;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.Update;
import io.nlar.testkit.AveragedRun;
import io.nlar.testkit.AveragedRun.Model;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.BitDifference;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.RandomCases;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The rules that average: bits, recorded runs, what is kept of whole parameters, and the value to evaluate. */
public interface AveragedContract extends ContractSupport {

  @Test
  default void averagedRulesGiveTheBitsOfTheReference() {
    List<String> failures = new ArrayList<>();
    for (BitCase run : RandomCases.averaged()) {
      if (types().containsAll(run.types())) {
        BitComparison.run(device(), run).map(BitDifference::toString).ifPresent(failures::add);
      }
    }
    assertTrue(failures.isEmpty(), () -> failures.size() + " cases differ:\n"
        + String.join("\n", failures.subList(0, Math.min(10, failures.size()))));
  }

  /**
   * The recorded runs to repeat. The reference repeats all; a backend on which steps take long has its bits, and may do with
   * some.
   */
  default List<AveragedRun> averagedRuns() {
    return AveragedRun.all();
  }

  /** Against an implementation of its own, in Python: float64 within 1e-10, float32 within 1e-5 after 500 steps. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  default void averagedRulesReproduceRecordedRuns(DType type) {
    Assumptions.assumeTrue(types().contains(type), "the device does not know the type");
    double tolerance = type == DType.FLOAT64 ? 1e-10 : 1e-5;
    List<String> failures = new ArrayList<>();
    for (AveragedRun run : averagedRuns()) {
      List<Model> models = run.on(device(), type);
      for (int i = 0; i < models.size(); i++) {
        Model expected = run.models().get(i);
        Model actual = models.get(i);
        for (String quantity : expected.quantities().keySet()) {
          double error = error(expected.quantities().get(quantity), actual.quantities().get(quantity));
          if (!(error <= tolerance)) {
            failures.add(run + ", step " + expected.step() + ": " + quantity + " is off by " + error);
          }
        }
      }
    }
    assertFalse(averagedRuns().isEmpty());
    assertTrue(failures.isEmpty(), () -> String.join("\n", failures));
  }

  /** Groups that average, of both types and every kind of storage as far as the device has them, and one beside them that does not. */
  private List<GroupSpec> groups() {
    StepConfig learning = StepConfig.nlarsf().withLearningRate(0.01);
    List<GroupSpec> groups = new ArrayList<>(wideGroups(learning));
    if (device().info().types().containsAll(List.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16))) {
      Precision compact = Precision.compact();
      groups.add(GroupSpec.of(learning.withPrecision(compact), DType.BFLOAT16, new TensorSpec("f", 1100)));
      groups.add(GroupSpec.of(learning.withPrecision(compact.withMaster(Master.NONE)), DType.BFLOAT16, new TensorSpec("g", 21)));
      groups.add(GroupSpec.of(StepConfig.scheduleFree().withPrecision(compact), DType.FLOAT32, new TensorSpec("h", 25)));
      groups.add(GroupSpec.of(StepConfig.scheduleFree(), DType.FLOAT16, new TensorSpec("i", 37)));
    }
    return groups;
  }

  private List<GroupSpec> wideGroups(StepConfig learning) {
    return List.of(
        GroupSpec.of(learning, types().getFirst(), new TensorSpec("a", 1030), new TensorSpec("b", 5)),
        GroupSpec.of(StepConfig.adamw(), anyType(), new TensorSpec("c", 9)),
        GroupSpec.of(learning.withScaling(new Scaling.None()), types().getLast(), new TensorSpec("d", 33)),
        GroupSpec.of(StepConfig.scheduleFree(), types().getFirst(), new TensorSpec("e", 40)));
  }

  private void step(ReferenceStep reference, DeviceModel model, int number) {
    feedEqually(reference, model, number);
    reference.run(1, 1);
    model.step().run(1, 1);
    assertSameBits("averaged", number, reference, model);
  }

  @Test
  default void averagedParametersComeAndGo() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 9; number++) {
        for (ReferenceTensor tensor : reference.tensors()) {
          String name = tensor.spec().name();
          boolean bound = number != 5 && (number + name.charAt(0)) % 3 != 0;
          tensor.bindGradient(bound ? new double[tensor.spec().length()] : null, false);
          model.step().rebind(List.of(new Parameter(name, model.value(name), bound ? model.gradient(name) : null)));
        }
        step(reference, model, number);
      }
      assertNotEquals(Math.log(0.01), HostValues.read(model.step().state("a", Slot.LOG_RATE))[0]);
    }
  }

  @Test
  default void aSkippedStepKeepsWhatIsKeptOfParameters() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 6; number++) {
        feedEqually(reference, model, number);
        if (number % 2 == 0) {
          reference.tensor("b").gradient()[2] = Double.POSITIVE_INFINITY;
          model.setGradients(reference);
        }
        reference.run(1, 1);
        model.step().run(1, 1);
        assertSameBits("skipped", number, reference, model);
      }
      assertEquals(3, model.step().stats().skipped());
    }
  }

  @Test
  default void aRateOfZeroStaysThere() {
    List<GroupSpec> groups =
        List.of(GroupSpec.of(StepConfig.nlarsf().withLearningRate(0), anyType(), new TensorSpec("a", 100)));
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      double[] start = HostValues.read(model.value("a"));
      for (int number = 1; number <= 5; number++) {
        step(reference, model, number);
      }
      assertSameBits("value", start, HostValues.read(model.value("a")));
      assertEquals(0, model.step().stats().rates().quantile(0.5));
    }
  }

  @Test
  default void whatIsKeptOfParametersMovesBetweenDevices(@TempDir Path folder) throws IOException {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 5; number++) {
        step(reference, model, number);
      }
      Path file = folder.resolve("state");
      model.step().save(file);
      Optional<Device> other = openOther();
      try (Device device = other.orElseGet(this::openAnother);
          DeviceModel restored = new DeviceModel(device, groups(), Layout.ALLOCATED)) {
        restored.setValues(reference);
        restored.step().restore(file, Restore.STRICT);
        reference.control()[Control.COMPLETED.ordinal()] = 0; // no part of the state
        for (int number = 6; number <= 8; number++) {
          step(reference, restored, number);
        }
        restored.step().save(file);
      }
      model.setValues(reference);
      model.step().restore(file, Restore.STRICT);
      reference.control()[Control.COMPLETED.ordinal()] = 5;
      step(reference, model, 9);
    }
  }

  @Test
  default void theValueToEvaluateIsThereAndBackToTheBit(@TempDir Path folder) throws IOException {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 4; number++) {
        step(reference, model, number);
      }
      Step step = model.step();
      step.evaluate();
      step.evaluate();
      assertTrue(step.evaluating());
      for (ReferenceTensor tensor : reference.tensors()) {
        String name = tensor.spec().name();
        assertSameBits(name, toEvaluate(tensor), HostValues.read(model.value(name)));
      }
      assertRefused(CallOrderException.class, () -> step.run(1, 1), "train()");
      assertRefused(CallOrderException.class, step::run, "train()");
      assertRefused(CallOrderException.class, step::reduce, "train()");
      assertRefused(CallOrderException.class, () -> step.apply(1, 1), "train()");
      assertRefused(CallOrderException.class, step::takeValues, "train()");
      assertRefused(CallOrderException.class, () -> step.rebind(List.of()), "train()");
      step.save(folder.resolve("evaluating"));
      assertRefused(CallOrderException.class, () -> step.restore(folder.resolve("evaluating"), Restore.STRICT), "train()");
      step.train();
      step.train();
      assertFalse(step.evaluating());
      assertSameBits("back", 4, reference, model);
      step.save(folder.resolve("training"));
      assertEquals(-1, Files.mismatch(folder.resolve("evaluating"), folder.resolve("training")));
      step(reference, model, 5);
      step.reduce();
      assertRefused(CallOrderException.class, step::evaluate, "apply()");
      step.apply(1, 1);
      step.evaluate();
    }
  }

  /** x as it is shown: of the exact θ, and rounded as a step rounds, or to nearest where that is at random. */
  private static double[] toEvaluate(ReferenceTensor tensor) {
    double[] v = tensor.state(Slot.VELOCITY);
    double[] shown = tensor.value().clone();
    double share = tensor.type().round(1 - 0.9);
    for (int i = 0; v != null && i < v.length; i++) {
      double exact = switch (tensor.storage().master()) {
        case REMAINDER -> {
          int low = (short) tensor.state(Slot.REMAINDER)[i];
          yield Float.intBitsToFloat(Float.floatToRawIntBits((float) shown[i]) + low);
        }
        case FLOAT32 -> tensor.state(Slot.MASTER)[i];
        case NONE, AUTO -> shown[i];
      };
      double x = tensor.type().round(exact - tensor.type().round(share * v[i]));
      shown[i] = tensor.storage().master() == Master.REMAINDER
          ? Float.intBitsToFloat(Float.floatToRawIntBits((float) x) + 0x8000 & 0xFFFF0000)
          : tensor.storage().value().round(x);
    }
    return shown;
  }

  @Test
  default void arraysHaveTheValueToEvaluateTooAndBack() {
    Assumptions.assumeTrue(types().contains(DType.FLOAT32), "the device does not know the type");
    float[] values = {1, -2, 3};
    float[] gradients = new float[3];
    try (ArrayStep step = ArrayStep.builder(StepConfig.nlarsf()).add("w", values, gradients).on(device()).open()) {
      for (int number = 1; number <= 3; number++) {
        System.arraycopy(new float[] {number, 1, -1}, 0, gradients, 0, 3);
        step.run();
      }
      float[] trained = values.clone();
      double[] v = HostValues.read(step.step().state("w", Slot.VELOCITY));
      step.evaluate();
      for (int i = 0; i < 3; i++) {
        assertNotEquals(trained[i], values[i]);
        assertEquals(trained[i] - (float) (1 - 0.9) * (float) v[i], values[i]);
      }
      step.train();
      assertArrayEquals(trained, values);
    }
  }

  @Test
  default void ratesOfParametersAreReadLikeOthers() {
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      for (int number = 1; number <= 5; number++) {
        step(reference, model, number);
      }
      for (String name : reference.tensors().stream().map(tensor -> tensor.spec().name()).toList()) {
        DType type = reference.tensor(name).type();
        var host = HostValues.segment(type, new double[reference.tensor(name).spec().length()]);
        model.step().learningRates(name, host);
        assertSameBits(name, reference.learningRates(name), HostValues.read(host, type));
      }
      int elements = reference.tensors().stream().mapToInt(tensor -> tensor.spec().length()).sum();
      assertEquals(elements, model.step().stats().rates().count());
    }
  }

  /** An update would lack the average, and what is kept of whole parameters has no place in lent memory. */
  @Test
  default void updatesAndLentStateAreRefusedByName() {
    DType type = anyType();
    Parameter plain = new Parameter("w", buffer(type, 1), buffer(type, 1));
    State lent = State.fresh(Map.of(Slot.VELOCITY, buffer(type, 1), Slot.WEIGHT, buffer(type, 1)));
    for (StepConfig config : List.of(StepConfig.nlarsf(), StepConfig.scheduleFree())) {
      assertRefused(SettingException.class, () -> compile(config, plain.withUpdate(Update.added())), "group 1",
          config.rule().name(), "'w'", "its update");
      assertRefused(SettingException.class, () -> compile(config, plain.withUpdate(Update.subtracted().to(buffer(type, 1)))),
          config.rule().name(), "'w'", "its update");
      assertRefused(SettingException.class, () -> compile(config, plain.withState(lent)), "group 1",
          config.rule().name(), "'w'", "memory of its own");
      try (Step step = compile(config, plain)) {
        step.await(step.run(1, 1));
        assertRefused(ParameterException.class, () -> step.rebind(List.of(plain.withUpdate(Update.added()))), "'w'");
        step.await(step.run(1, 1));
      }
    }
  }

  /** A step whose second group this is. */
  private Step compile(StepConfig config, Parameter parameter) {
    Parameter other = new Parameter("other", buffer(anyType(), 2), buffer(anyType(), 2));
    return device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(other.withUpdate(Update.added()))),
        new ParameterGroup(config, List.of(parameter))));
  }

  /** The largest difference, relative to the largest expected magnitude. */
  private static double error(double[] expected, double[] actual) {
    double magnitude = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    }
    return difference == 0 ? 0 : difference / magnitude;
  }
}
