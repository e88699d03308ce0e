package io.nlar.bench.contest;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.bench.harness.VerificationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnfusedStepTest {
  private static final int SIZE = 5000;

  /** Makes the result of one call wrong by one part in a thousand, in the last element. */
  private static final class WrongArrays extends ScalarArrays {
    private final String operation;
    private int callsLeft;

    WrongArrays(String operation, int call) {
      super(SIZE);
      this.operation = operation;
      this.callsLeft = call;
    }

    private void spoil(String done, float[] z) {
      if (done.equals(operation) && --callsLeft == 0) {
        z[SIZE - 1] *= 1.001f;
      }
    }

    @Override
    public void add(float[] x, float[] y, float[] z) {
      super.add(x, y, z);
      spoil("add", z);
    }

    @Override
    public void subtract(float[] x, float[] y, float[] z) {
      super.subtract(x, y, z);
      spoil("subtract", z);
    }
  }

  private static void verify(ArrayLibrary<float[]> library) {
    try (Device device = Backends.open("cpu");
        Tensors tensors = new Tensors(device, new Workload(device.info(), DType.FLOAT32, SIZE, 1));
        UnfusedStep<float[]> step = new UnfusedStep<>(tensors, library)) {
      step.verify();
    }
  }

  @Test
  void theOperationsMakeTheStep() {
    assertDoesNotThrow(() -> verify(new ScalarArrays(SIZE)));
  }

  /** Only the third and last step is wrong, so that no other array can tell. */
  @ParameterizedTest
  @CsvSource({"subtract, 5, velocity", "add, 5, value", "add, 6, weight", "subtract, 6, rate"})
  void anErrorInAnyArrayIsFound(String operation, int call, String array) {
    String message = assertThrows(VerificationException.class, () -> verify(new WrongArrays(operation, call)))
        .getMessage();
    assertTrue(message.contains("element 4999 of the unfused step's " + array), message);
  }
}
