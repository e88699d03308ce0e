package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.nlar.Buffer;
import io.nlar.ClosedException;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What may be closed when: everything at any time, more than once; and what is closed refuses to work. */
public interface LifetimeContract extends ContractSupport {

  private Step step(Device device, Buffer value, Buffer gradient) {
    return device.compile(List.of(
        new ParameterGroup(StepConfig.nlarsm(), List.of(new Parameter("w", value, gradient)))));
  }

  @Test
  default void aClosedStepRefusesEverything() {
    Buffer value = buffer(anyType(), 1, 2, 3);
    Step step = step(device(), value, buffer(anyType(), 1, 1, 1));
    long ticket = step.run(1, 1);
    Buffer rate = step.state("w", Slot.RATE);
    Buffer sums = step.sumsOfSquares();
    Buffer control = step.control();
    step.close();
    step.close();
    Path file = Path.of("never-written");
    List<Executable> calls = List.of(step::run, () -> step.run(1, 1), step::reduce, step::apply, () -> step.apply(1, 1),
        () -> step.await(ticket), step::sumsOfSquares, step::control, () -> step.state("w", Slot.RATE), step::stats,
        () -> step.rebind(List.of()), () -> step.reconfigure(0, StepConfig.nlarsm()), () -> step.save(file),
        () -> step.restore(file, Restore.STRICT), () -> HostValues.read(rate), () -> HostValues.read(sums),
        () -> HostValues.read(control),
        () -> step.learningRates("w", HostValues.segment(anyType(), 0, 0, 0)));
    for (Executable call : calls) {
      assertThrows(ClosedException.class, call);
    }
    assertEquals(3, HostValues.read(value).length);
  }

  @Test
  default void aClosedBufferRefusesToBeUsed() {
    Buffer buffer = buffer(anyType(), 1, 2, 3);
    Buffer slice = buffer.slice(1, 1);
    buffer.close();
    buffer.close();
    assertThrows(ClosedException.class, () -> HostValues.write(buffer, 1, 2, 3));
    assertThrows(ClosedException.class, () -> HostValues.read(buffer));
    assertThrows(ClosedException.class, () -> buffer.slice(0, 1));
    assertThrows(ClosedException.class, () -> HostValues.read(slice));
    assertThrows(ClosedException.class, () -> step(device(), slice, null));
    slice.close();
  }

  @Test
  default void closingASliceForgetsOnlyTheView() {
    Buffer buffer = buffer(anyType(), 1, 2, 3);
    Buffer slice = buffer.slice(1, 2);
    slice.close();
    assertThrows(ClosedException.class, () -> HostValues.read(slice));
    assertSameBits("whole", new double[] {1, 2, 3}, HostValues.read(buffer));
    assertSameBits("another slice", new double[] {2, 3}, HostValues.read(buffer.slice(1, 2)));
  }

  @Test
  default void aStepWhoseBufferWasClosedRefusesAndRecovers() {
    for (boolean closeValue : new boolean[] {true, false}) {
      Buffer value = buffer(anyType(), 1, 2);
      Buffer gradient = buffer(anyType(), 1, 1);
      try (Step step = step(device(), value, gradient)) {
        step.run(1, 1);
        (closeValue ? value : gradient).close();
        assertThrows(ClosedException.class, () -> step.run(1, 1));
        assertThrows(ClosedException.class, step::reduce);
        assertEquals(1, step.stats().applied());
        step.rebind(List.of(new Parameter("w", buffer(anyType(), 1, 2), buffer(anyType(), 1, 1))));
        step.run(1, 1);
        assertEquals(2, step.stats().applied());
      }
    }
  }

  @Test
  default void rebindingOneParameterDoesNotHideThatAnotherWasClosed() {
    for (boolean closeValue : new boolean[] {true, false}) {
      Parameter a = new Parameter("a", buffer(anyType(), 1, 2), buffer(anyType(), 1, 1));
      Parameter b = new Parameter("b", buffer(anyType(), 1, 2), buffer(anyType(), 1, 1));
      try (Step step = device().compile(List.of(new ParameterGroup(StepConfig.nlarsm(), List.of(a, b))))) {
        step.run(1, 1);
        (closeValue ? a.value() : a.gradient()).close();
        assertThrows(ClosedException.class, () -> step.rebind(List.of(b)));
        assertThrows(ClosedException.class, () -> step.run(1, 1));
        assertThrows(ClosedException.class, step::reduce);
        step.rebind(List.of(b, new Parameter("a", buffer(anyType(), 1, 2), null)));
        step.run(1, 1);
        assertEquals(2, step.stats().applied());
      }
    }
  }

  @Test
  default void closingOtherBuffersDoesNotDisturbAStep() {
    try (Step step = step(device(), buffer(anyType(), 1, 2), buffer(anyType(), 1, 1))) {
      buffer(anyType(), 5).close();
      step.run(1, 1);
      assertEquals(1, step.stats().applied());
    }
  }

  @Test
  default void aStepOverFreedHostMemoryRefuses() {
    assumeNativeMemory();
    try (Device own = openAnother()) {
      Arena arena = Arena.ofShared();
      Buffer value = own.wrap(anyType(), arena.allocate(64, 64));
      Buffer gradient = own.allocate(anyType(), value.length());
      try (Step step = step(own, value, gradient)) {
        step.run(1, 1);
        own.synchronize();
        arena.close();
        assertThrows(ClosedException.class, () -> step.run(1, 1));
        assertThrows(ClosedException.class, () -> HostValues.read(value));
      }
    }
  }

  @Test
  default void aClosedDeviceClosesEverythingAndRefusesEverything() {
    Device own = openAnother();
    DType type = anyType();
    Buffer value = own.allocate(type, 4);
    Buffer gradient = own.allocate(type, 4);
    Step step = step(own, value, gradient);
    step.run(1, 1);
    own.close();
    own.close();
    assertThrows(ClosedException.class, () -> step.run(1, 1));
    assertThrows(ClosedException.class, () -> HostValues.read(value));
    assertThrows(ClosedException.class, () -> own.allocate(type, 1));
    assertThrows(ClosedException.class, () -> own.compile(List.of()));
    assertThrows(ClosedException.class, own::synchronize);
    step.close();
    value.close();
    gradient.close();
    assertEquals(anyType().bytes() * 4L, value.byteSize());
  }

  @Test
  default void everyOrderOfClosingWorks() {
    for (int order = 0; order < 6; order++) {
      Device own = openAnother();
      Buffer value = own.allocate(anyType(), 1000);
      Buffer gradient = own.allocate(anyType(), 1000);
      Step step = step(own, value, gradient);
      step.run(1, 1);
      List<AutoCloseable> all = switch (order) {
        case 0 -> List.of(step, value, gradient, own);
        case 1 -> List.of(value, step, gradient, own);
        case 2 -> List.of(own, gradient, value, step);
        case 3 -> List.of(gradient, value, own, step);
        case 4 -> List.of(step, own, value, gradient);
        default -> List.of(value, gradient, step, own);
      };
      for (AutoCloseable each : all) {
        assertDoesNotThrow(each::close);
        assertDoesNotThrow(each::close);
      }
    }
  }


  @Test
  default void openingAndClosingManyTimesWorks() {
    for (int i = 0; i < 50; i++) {
      Buffer value = buffer(anyType(), numbers(anyType(), 1000, i));
      Buffer gradient = buffer(anyType(), numbers(anyType(), 1000, i));
      try (Step step = step(device(), value, gradient)) {
        step.run(1, 1);
      }
      value.close();
      gradient.close();
    }
    device().synchronize();
  }
}
