package io.nlar.opencl;

import io.nlar.testkit.contract.Required;
import java.util.function.Function;
import org.jocl.cl_command_queue;

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
    DeviceFacts facts = facts();
    return OpenClDevice.open(facts, 0, Mapping.of(facts), queue, BinaryCache.ofUser());
  }

  /** The mapping of GPUs, with work-groups that a CPU runs in bearable time. */
  static Mapping gpuMapping(DeviceFacts facts) {
    return Mapping.gpu(facts.computeUnits(), 64);
  }

  /** The device, but with buffers of at most this size. */
  static DeviceFacts withLargestBuffer(DeviceFacts f, long bytes) {
    return new DeviceFacts(f.id(), f.name(), f.driver(), f.platform(), f.platformVersion(), f.version(), f.type(),
        f.compiler(), f.littleEndian(), f.fp64(), f.subnormals(), f.roundedDivision(), f.computeUnits(),
        f.largestGroup(), f.memory(), bytes);
  }

  /** The device, but with this much memory in all. */
  static DeviceFacts withMemory(DeviceFacts f, long bytes) {
    return new DeviceFacts(f.id(), f.name(), f.driver(), f.platform(), f.platformVersion(), f.version(), f.type(),
        f.compiler(), f.littleEndian(), f.fp64(), f.subnormals(), f.roundedDivision(), f.computeUnits(),
        f.largestGroup(), bytes, f.largestBuffer());
  }

  /** The device, but with these abilities of arithmetic. */
  static DeviceFacts withArithmetic(DeviceFacts f, boolean fp64, boolean subnormals, boolean roundedDivision) {
    return new DeviceFacts(f.id(), f.name(), f.driver(), f.platform(), f.platformVersion(), f.version(), f.type(),
        f.compiler(), f.littleEndian(), fp64, subnormals, roundedDivision, f.computeUnits(), f.largestGroup(),
        f.memory(), f.largestBuffer());
  }
}
