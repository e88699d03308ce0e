package io.nlar.opencl;

import io.nlar.testkit.contract.Required;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_mem;
import org.junit.jupiter.api.Assertions;

/** Devices opened in ways that users cannot choose. */
final class TestDevices {
  private TestDevices() {}

  /** What is known of the first OpenCL device; skips the test where there is none. */
  static DeviceFacts facts() {
    Required.device("opencl").close();
    return Platforms.device(0).orElseThrow();
  }

  static OpenClDevice open(DeviceFacts facts, Mapping mapping) {
    return OpenClDevice.open(facts, 0, mapping);
  }

  static OpenClDevice open(BinaryCache cache) {
    DeviceFacts facts = facts();
    return OpenClDevice.open(facts, 0, Mapping.of(facts), CommandQueue::new, cache);
  }

  static OpenClDevice open(Function<cl_command_queue, CommandQueue> queue) {
    return open(facts(), queue);
  }

  static OpenClDevice open(DeviceFacts facts, Function<cl_command_queue, CommandQueue> queue) {
    return OpenClDevice.open(facts, 0, Mapping.of(facts), queue, BinaryCache.ofUser());
  }

  /** The mapping of GPUs, with work-groups that a CPU runs in bearable time. */
  static Mapping gpuMapping(DeviceFacts facts) {
    return Mapping.gpu(facts.computeUnits(), 64);
  }

  /** The device, but with some components of the record changed. */
  static DeviceFacts with(DeviceFacts facts, Map<String, ?> changes) {
    RecordComponent[] components = DeviceFacts.class.getRecordComponents();
    try {
      Object[] values = new Object[components.length];
      for (int i = 0; i < values.length; i++) {
        Object given = changes.get(components[i].getName());
        values[i] = given != null ? given : components[i].getAccessor().invoke(facts);
      }
      Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return DeviceFacts.class.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** The device, but with buffers of at most this size. */
  static DeviceFacts withLargestBuffer(DeviceFacts facts, long bytes) {
    return with(facts, Map.of("largestBuffer", bytes));
  }

  /** The device, but with this much memory in all. */
  static DeviceFacts withMemory(DeviceFacts facts, long bytes) {
    return with(facts, Map.of("memory", bytes));
  }

  static void assertReferences(long expected, cl_context context) {
    assertReferences(expected, "context", () -> Info.number(context, CL.CL_CONTEXT_REFERENCE_COUNT));
  }

  static void assertReferences(long expected, cl_command_queue queue) {
    assertReferences(expected, "queue", () -> Info.number(queue, CL.CL_QUEUE_REFERENCE_COUNT));
  }

  static void assertReferences(long expected, cl_mem memory) {
    assertReferences(expected, "memory object", () -> Info.number(memory, CL.CL_MEM_REFERENCE_COUNT));
  }

  /**
   * Asserts that nothing else holds an object, or comes to hold none soon: drivers let go of what a finished command
   * used in threads of their own, some time after the queue says that it is finished.
   */
  private static void assertReferences(long expected, String what, LongSupplier references) {
    long deadline = System.nanoTime() + 5_000_000_000L;
    while (references.getAsLong() != expected && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    Assertions.assertEquals(expected, references.getAsLong(), "references of the " + what);
  }

  /** The device, but without the promise to round quotients. */
  static DeviceFacts withoutRoundedDivision(DeviceFacts facts) {
    return with(facts, Map.of("singles", facts.singles() & ~CL.CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT));
  }
}
