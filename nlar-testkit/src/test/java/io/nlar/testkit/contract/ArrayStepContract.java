package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.ArrayStep;
import io.nlar.DType;
import io.nlar.StepConfig;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The step over plain Java arrays. */
public interface ArrayStepContract extends ContractSupport {

  @Test
  default void arraysAreTrainedAsTheReferenceTrains() {
    Assumptions.assumeTrue(types().size() == 2, "the device knows only one type");
    ReferenceStep reference = new ReferenceStep(List.of(
        GroupSpec.of(StepConfig.nlarcm(), DType.FLOAT32, new TensorSpec("floats", 100)),
        GroupSpec.of(StepConfig.nlarsm(), DType.FLOAT64, new TensorSpec("doubles", 30))));
    float[] floats = new float[100];
    float[] floatGradients = new float[100];
    double[] doubles = new double[30];
    double[] doubleGradients = new double[30];
    try (ArrayStep step = ArrayStep.builder(StepConfig.nlarcm()).add("floats", floats, floatGradients)
        .group(StepConfig.nlarsm()).add("doubles", doubles, doubleGradients).on(device()).open()) {
      for (int number = 1; number <= 3; number++) {
        double[] wide = numbers(DType.FLOAT32, 100, number);
        IntStream.range(0, 100).forEach(i -> floatGradients[i] = (float) wide[i]);
        System.arraycopy(wide, 0, reference.tensor("floats").gradient(), 0, 100);
        System.arraycopy(numbers(DType.FLOAT64, 30, -number), 0, doubleGradients, 0, 30);
        System.arraycopy(doubleGradients, 0, reference.tensor("doubles").gradient(), 0, 30);
        reference.run(0.5, 2);
        step.run(0.5, 2);
        assertSameBits("floats", reference.tensor("floats").value(),
            IntStream.range(0, 100).mapToDouble(i -> floats[i]).toArray());
        assertSameBits("doubles", reference.tensor("doubles").value(), doubles);
      }
      double[] rates = new double[30];
      step.learningRates("doubles", rates);
      assertSameBits("rates", reference.learningRates("doubles"), rates);
      assertEquals(3, step.stats().applied());
      assertEquals(130, step.stats().rates().count());
    }
  }
}
