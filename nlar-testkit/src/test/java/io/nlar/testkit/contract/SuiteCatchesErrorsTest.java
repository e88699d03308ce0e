package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/** Wrong devices fail the suite, each in the topic that is there for its error. */
class SuiteCatchesErrorsTest {

  private static Topics wrongUpdate(Consumer<ReferenceStep> error) {
    return new Topics(new ReferenceDevice(new Sabotage() {
      @Override
      public void afterApply(ReferenceStep step) {
        error.accept(step);
      }
    })) { };
  }

  private static Topics wrongSums(Consumer<ReferenceStep> error) {
    return new Topics(new ReferenceDevice(new Sabotage() {
      @Override
      public void afterReduce(ReferenceStep step) {
        error.accept(step);
      }
    })) { };
  }

  private static void caught(Executable test, String... words) {
    String message = assertThrows(AssertionFailedError.class, test).getMessage();
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
  }

  private static ReferenceTensor last(ReferenceStep step) {
    return step.tensors().getLast();
  }

  @Test
  void aWrongBitInTheLastElement() {
    Topics topics = wrongUpdate(step -> {
      double[] value = last(step).value();
      if (value.length > 31) {
        value[value.length - 1] = last(step).type() == DType.FLOAT32
            ? Math.nextUp((float) value[value.length - 1])
            : Math.nextUp(value[value.length - 1]);
      }
    });
    caught(() -> topics.everySettingGivesTheBitsOfTheReference(DType.FLOAT32), "theta", "0x");
    caught(() -> topics.everyLengthGivesTheBitsOfTheReference(DType.FLOAT64), "theta", "0x");
    caught(topics::groupsAndManySmallTensorsGiveTheBitsOfTheReference, "theta");
  }

  @Test
  void aZeroOfTheWrongSign() {
    Topics topics = wrongUpdate(step -> flushNegativeZero(last(step).state(Slot.VELOCITY)));
    caught(() -> topics.everySettingGivesTheBitsOfTheReference(DType.FLOAT64), "velocity", "expected -0x0.0p0");
  }

  /** Less than PyTorch's own types differ by. */
  @Test
  void aMeanSquareThatForgetsALittleFaster() {
    Topics topics = wrongUpdate(step -> {
      double[] square = last(step).state(Slot.SQUARE);
      if (square != null) {
        Arrays.setAll(square, i -> last(step).type().round(square[i] * (1 - 1e-6)));
      }
    });
    caught(() -> topics.reproducesPyTorchsAdamW(DType.FLOAT32), "defaults, [single, foreach], step 2: square");
    caught(() -> topics.reproducesPyTorchsAdamW(DType.FLOAT64), "huge gradients, [single, foreach], step 1: square");
  }

  @Test
  void aMeanThatForgetsALittleFaster() {
    Topics topics = wrongUpdate(step -> step.tensors().forEach(tensor -> {
      double[] mean = tensor.state(Slot.MEAN);
      if (mean != null) {
        Arrays.setAll(mean, i -> tensor.type().round(mean[i] * (1 - 1e-5)));
      }
    }));
    caught(() -> topics.reproducesWhatTheAuthorsCodeDoes(DType.FLOAT32), "nadamw from 0.0017486387539278373, curvature 1.0, step 10");
    caught(() -> topics.reproducesWhatTheAuthorsCodeDoes(DType.FLOAT64), "nadamw from 0.05");
  }

  private static void flushNegativeZero(double[] numbers) {
    if (numbers != null) {
      Arrays.setAll(numbers, i -> numbers[i] + 0.0);
    }
  }

  @Test
  void subnormalsFlushedToZero() {
    Topics topics = wrongUpdate(step -> step.tensors().forEach(tensor -> {
      double smallest = tensor.type() == DType.FLOAT32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
      double[] value = tensor.value();
      Arrays.setAll(value, i -> Math.abs(value[i]) < smallest ? Math.copySign(0, value[i]) : value[i]);
    }));
    caught(() -> topics.everySettingGivesTheBitsOfTheReference(DType.FLOAT32), "theta");
    caught(() -> topics.everySettingGivesTheBitsOfTheReference(DType.FLOAT64), "theta");
  }

  @Test
  void driftThatOnlyToleranceSees() {
    Topics topics = wrongUpdate(step -> step.tensors().forEach(tensor -> {
      double[] rate = tensor.state(Slot.RATE);
      if (rate != null) {
        Arrays.setAll(rate, i -> tensor.type().round(rate[i] + 1e-5));
      }
    }));
    caught(() -> topics.reproducesTheGoldenTraces(DType.FLOAT32), "LEARNING_RATE");
    caught(() -> topics.reproducesTheGoldenTraces(DType.FLOAT64), "LEARNING_RATE");
  }

  @Test
  void sumsInAnotherOrder() {
    Topics topics = wrongSums(step -> {
      double total = 0;
      for (int i = 0; i < step.tensors().size(); i++) {
        double sum = 0;
        for (double g : step.tensors().get(i).gradient()) {
          sum += g * g;
        }
        step.sumsOfSquares()[1 + i] = sum;
        total += sum;
      }
      step.sumsOfSquares()[0] = total;
    });
    caught(() -> topics.theSumHasTheFixedShape(33), "sums of 33");
    caught(() -> topics.theSumHasTheFixedShape(65_537), "sums of 65537");
    caught(topics::theSumsOfManyTensorsAreAddedInTheSameShape, "sums");
    assertDoesNotThrow(() -> topics.theSumHasTheFixedShape(0));
  }

  @Test
  void aSkippedStepThatCounts() {
    Topics topics = wrongUpdate(step -> {
      if (step.get(Control.LAST_SKIPPED) == 1) {
        step.control()[Control.APPLIED.ordinal()]++;
      }
    });
    caught(() -> topics.aSkippedStepChangesNothing(Double.NaN), "APPLIED");
    caught(topics::aSumThatOverflowsSkips);
  }

  @Test
  void aScaleThatDoesNotReachTheControlBlock() {
    Topics topics = wrongUpdate(step -> step.control()[Control.GRADIENT_SCALE.ordinal()] = 1);
    caught(topics::runsWithoutArgumentsTakeTheScalarsFromTheControlBlock, "GRADIENT_SCALE");
  }

  @Test
  void aGradientThatIsNotZeroed() {
    Topics topics = wrongUpdate(step -> {
      double[] gradient = step.tensors().getFirst().gradient();
      if (step.tensors().getFirst().zeroGradient() && gradient != null) {
        gradient[gradient.length - 1] = 1;
      }
    });
    caught(topics::gradientsAreZeroedWhereAsked, "a[1029]");
  }

  @Test
  void aStateThatDependsOnMoreThanItsSlots(@TempDir Path folder) {
    long[] calls = {0};
    Topics topics = wrongUpdate(step -> {
      if (++calls[0] > 4) {
        last(step).value()[0] += 1;
      }
    });
    caught(() -> topics.aRestoredStepGoesOnWithTheSameBits(folder), "theta");
  }
}
