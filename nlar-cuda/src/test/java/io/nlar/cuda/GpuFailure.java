package io.nlar.cuda;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceException;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.StepFailedException;
import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A kernel that reads where there is no memory: the process can use the GPU no more, so it is one of its own. */
final class GpuFailure {
  private static final int MINUTES = 2;

  private GpuFailure() {}

  /** The ticket of the step behind it must report it, and closing must come to an end. */
  static void inAProcessOfItsOwn(int ordinal) throws IOException, InterruptedException {
    Process process = ChildJava.of(GpuFailure.class, List.of(), List.of(Integer.toString(ordinal))).inheritIO().start();
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("closing after a failure of the GPU did not end");
    }
    if (process.exitValue() != 0) {
      throw new AssertionError("the process with the failing GPU ended with " + process.exitValue());
    }
  }

  public static void main(String[] args) {
    GpuDriver driver = GpuDriver.withOwnStream(Integer.parseInt(args[0]));
    try (Arena arena = Arena.ofShared();
        Device device = new CudaDevice(HostCuda.info(), driver);
        Buffer value = device.allocate(DType.FLOAT32, 100);
        Buffer gradient = device.allocate(DType.FLOAT32, 100)) {
      Step step = device.compile(List.of(
          new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("a", value, gradient)))));
      step.await(step.run());
      MemorySegment nowhere = arena.allocate(StepArguments.BYTES, Long.BYTES);
      driver.launch("square_sum", "nlar_square_sum_f32", LaunchShape.SUM_THREADS, nowhere).run(1);
      expectFailure(() -> step.await(step.run()));
      expectFailure(() -> step.await(step.run()));
      expectFailure(step::close);
    }
  }

  /** A launch that finds the failure reports it as well. */
  private static void expectFailure(Runnable call) {
    try {
      call.run();
    } catch (StepFailedException | DeviceException reported) {
      if (!reported.getMessage().contains("ILLEGAL_ADDRESS")) {
        throw new AssertionError("the report does not say what failed", reported);
      }
      return;
    }
    throw new AssertionError("a step behind a failure of the GPU reports none");
  }
}
