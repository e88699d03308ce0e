package io.nlar.cuda;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.LossScale;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** Prints how often a step waits, as the stand-in for the driver counts it. */
final class Synchronisations {
  private Synchronisations() {}

  public static void main(String[] args) throws Throwable {
    MethodHandle counter = Linker.nativeLinker().downcallHandle(
        SymbolLookup.libraryLookup("libcuda.so.1", Arena.global()).find("fake_cuda_synchronisations").orElseThrow(),
        FunctionDescriptor.of(ValueLayout.JAVA_INT));
    try (Device device = Backends.open("cuda");
        Buffer value = device.allocate(DType.FLOAT32, 100);
        Buffer gradient = device.allocate(DType.FLOAT32, 100);
        Step step = device.compile(List.of(
            new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("a", value, gradient)))))) {
      LossScale scale = new LossScale(step);
      int start = (int) counter.invokeExact();
      long ticket = 0;
      for (int i = 0; i < 100; i++) {
        ticket = step.run();
        ticket = step.run(scale.inverse(), 0.25);
        scale.update();
      }
      int ran = (int) counter.invokeExact();
      step.await(ticket);
      int waited = (int) counter.invokeExact();
      step.await(step.run());
      int again = (int) counter.invokeExact();
      System.out.println("in runs: " + (ran - start) + ", in await: " + (waited - ran) + ", in the next: "
          + (again - waited));
    }
  }
}
