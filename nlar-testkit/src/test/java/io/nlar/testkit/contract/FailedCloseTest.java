package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nlar.Buffer;
import io.nlar.ClosedException;
import io.nlar.DType;
import io.nlar.Momentum;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A device on which releasing fails: everything else is released all the same. */
class FailedCloseTest {

  /** Fails at every release, and counts them. */
  private static final class Failing implements Sabotage {
    private final List<String> released = new ArrayList<>();
    private boolean failing;
    private boolean writesFail;

    private void release(String what) {
      if (failing) {
        released.add(what);
        throw new IllegalStateException(what);
      }
    }

    @Override
    public void onBufferRelease() {
      release("buffer");
    }

    @Override
    public void onDeviceRelease() {
      release("device");
    }

    @Override
    public void beforeWrite() {
      if (writesFail) {
        throw new IllegalStateException("write");
      }
    }
  }

  private final Failing sabotage = new Failing();
  private final ReferenceDevice device = new ReferenceDevice(sabotage);

  private Step step(Buffer value) {
    return device.compile(List.of(new ParameterGroup(StepConfig.nlarsm().withMomentum(new Momentum.None()),
        List.of(new Parameter("w", value, null)))));
  }

  @Test
  void closingADeviceReleasesWhatItCan() {
    device.allocate(DType.FLOAT32, 1);
    device.allocate(DType.FLOAT32, 1);
    sabotage.failing = true;
    IllegalStateException first = assertThrows(IllegalStateException.class, device::close);
    assertEquals(List.of("buffer", "buffer", "device"), sabotage.released);
    assertEquals(2, first.getSuppressed().length);
    assertThrows(ClosedException.class, () -> device.allocate(DType.FLOAT32, 1));
    assertDoesNotThrow(device::close);
  }

  @Test
  void aStepThatCannotBeReleasedDoesNotKeepTheDeviceOpen() {
    Step step = step(device.allocate(DType.FLOAT32, 1));
    sabotage.failing = true;
    assertThrows(IllegalStateException.class, device::close);
    assertEquals(List.of("buffer", "buffer", "device"), sabotage.released);
    assertThrows(ClosedException.class, step::run);
  }

  @Test
  void aStepNoticesABufferThatCouldNotBeReleased() {
    Buffer value = device.allocate(DType.FLOAT32, 1);
    try (Step step = step(value)) {
      step.run(1, 1);
      sabotage.failing = true;
      assertThrows(IllegalStateException.class, value::close);
      sabotage.failing = false;
      assertThrows(ClosedException.class, () -> step.run(1, 1));
    }
  }

  @Test
  void whatMadeCompilingFailIsWhatIsThrown() {
    Buffer value = device.allocate(DType.FLOAT32, 1);
    sabotage.writesFail = true;
    sabotage.failing = true;
    IllegalStateException failure = assertThrows(IllegalStateException.class, () -> step(value));
    assertEquals("write", failure.getMessage());
    assertEquals(1, failure.getSuppressed().length);
  }
}
