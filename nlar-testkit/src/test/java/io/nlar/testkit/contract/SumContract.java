package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Buffer;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sums of squares: their fixed shape, and what lies in their scope. */
public interface SumContract extends ContractSupport {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 16, 31, 32, 33, 1023, 1024, 1025, 2048, 65_537, 1_048_576, 1_048_577, 1_100_000})
  default void theSumHasTheFixedShape(int length) {
    for (DType type : types()) {
      List<GroupSpec> groups =
          List.of(GroupSpec.of(StepConfig.nlarsm(), type, new TensorSpec("a", length), new TensorSpec("b", 3)));
      ReferenceStep reference = new ReferenceStep(groups);
      try (DeviceModel model = new DeviceModel(device(), groups, Layout.SLICED)) {
        SplittableRandom random = new SplittableRandom(length);
        // Sizes far apart, so that another order of additions shows in the last bits.
        for (ReferenceTensor tensor : reference.tensors()) {
          Arrays.setAll(tensor.gradient(),
              i -> type.round(random.nextGaussian() * Math.scalb(1.0, random.nextInt(-20, 20))));
        }
        model.setGradients(reference);
        reference.reduce();
        model.step().reduce();
        assertSameBits("sums of " + length + " " + type, reference.sumsOfSquares(),
            HostValues.read(model.step().sumsOfSquares()));
      }
    }
  }

  @Test
  default void theSumsOfManyTensorsAreAddedInTheSameShape() {
    DType type = anyType();
    List<TensorSpec> tensors =
        IntStream.range(0, 1100).mapToObj(i -> new TensorSpec("t" + i, 1 + i % 3)).toList();
    List<GroupSpec> groups = List.of(
        new GroupSpec(StepConfig.nlarsm(), type, tensors.subList(0, 500)),
        new GroupSpec(StepConfig.nlarcm(), type, tensors.subList(500, 1100)));
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.SLICED)) {
      feedEqually(reference, model, 1);
      reference.reduce();
      model.step().reduce();
      assertSameBits("sums", reference.sumsOfSquares(), HostValues.read(model.step().sumsOfSquares()));
    }
  }

  @Test
  default void theNormSpansGroupsAndTypes() {
    List<ParameterGroup> groups = new ArrayList<>();
    for (DType type : types()) {
      groups.add(new ParameterGroup(StepConfig.nlarsm().withScaling(new Scaling.GlobalNorm(1e6)),
          List.of(new Parameter("three " + type, buffer(type, 0, 0), buffer(type, 3, 0)))));
    }
    // A group without need of a norm counts in the norm of the others.
    groups.add(new ParameterGroup(StepConfig.nlarcm().withScaling(new Scaling.None()),
        List.of(new Parameter("four", buffer(anyType(), 0), buffer(anyType(), 4)))));
    try (Step step = device().compile(groups)) {
      step.run(0.5, 1);
      double sum = 9.0 * types().size() + 16;
      double[] sums = HostValues.read(step.sumsOfSquares());
      assertEquals(sum, sums[0]);
      assertEquals(9, sums[1]);
      assertEquals(16, sums[sums.length - 1]);
      assertEquals(0.5 * Math.sqrt(sum), control(step, Control.NORM));
      assertEquals(0.5 * Math.sqrt(sum), step.stats().norm());
    }
  }

  @Test
  default void aParameterWithoutGradientCountsAsZero() {
    try (Step step = device().compile(List.of(new ParameterGroup(StepConfig.nlarsm(), List.of(
        new Parameter("without", buffer(anyType(), 1, 2), null),
        new Parameter("empty", buffer(anyType()), buffer(anyType())),
        new Parameter("with", buffer(anyType(), 1), buffer(anyType(), 2))))))) {
      step.reduce();
      assertSameBits("sums", new double[] {4, 0, 0, 4}, HostValues.read(step.sumsOfSquares()));
    }
  }

  @Test
  default void elementWiseScalingMakesNoReduction() {
    Buffer gradient = buffer(anyType(), 2, 3);
    StepConfig config = StepConfig.nlarsm().withScaling(new Scaling.Value(1));
    try (Step step = device().compile(List.of(
        new ParameterGroup(config, List.of(new Parameter("w", buffer(anyType(), 1, 1), gradient)))))) {
      step.reduce();
      step.run(1, 1);
      assertSameBits("sums", new double[] {0, 0}, HostValues.read(step.sumsOfSquares()));
      assertSameBits("norm", new double[] {Double.NaN}, new double[] {control(step, Control.NORM)});
    }
  }
}
