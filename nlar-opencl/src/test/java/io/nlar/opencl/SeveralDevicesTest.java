package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine with two devices, which PoCL can be told to be, in a JVM of its own. */
class SeveralDevicesTest {
  @TempDir
  Path directory;

  /** Opens the second device of one context before anything was probed, and trains on it; then the same by selector. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) {
      cl_platform_id[] platforms = new cl_platform_id[1];
      CL.clGetPlatformIDs(1, platforms, null);
      cl_device_id[] ids = new cl_device_id[2];
      CL.clGetDeviceIDs(platforms[0], CL.CL_DEVICE_TYPE_ALL, 2, ids, null);
      cl_context context = Cl.create("create a context", status ->
          CL.clCreateContext(new cl_context_properties(), 2, ids, null, null, status));
      cl_command_queue queue = OpenClDevice.createQueue(context, ids[1]);
      try (Device device = OpenCl.device(context, queue, ids[1])) {
        System.out.println("caller's: " + device.info().selector() + " " + Arrays.toString(train(device)));
      }
      for (String selector : new String[] {"opencl", "opencl:0", "opencl:1"}) {
        try (Device device = Backends.open(selector)) {
          System.out.println(
              selector + ": " + device.info().selector() + " " + Arrays.toString(train(device)));
        }
      }
    }

    private static double[] train(Device device) {
      Buffer value = device.allocate(DType.FLOAT32, 3);
      Buffer gradient = device.allocate(DType.FLOAT32, 3);
      HostValues.write(gradient, 0.5, -0.25, 2);
      try (Step step = device.compile(List.of(
          new ParameterGroup(StepConfig.nlarsm(), List.of(new Parameter("w", value, gradient)))))) {
        step.run(1, 1);
        return HostValues.read(value);
      }
    }
  }

  @Test
  void eachIsFoundNumberedAndCached() throws IOException, InterruptedException {
    Assumptions.assumeTrue(TestDevices.facts().platform().equals("Portable Computing Language"), "not PoCL");
    String output = ChildJava.run(Main.class, Map.of("POCL_DEVICES", "pthread basic"),
        List.of("-D" + BinaryCache.PROPERTY + "=" + directory), List.of(), Duration.ofMinutes(1));
    List<String> lines = output.lines().filter(line -> line.contains(": opencl:")).toList();
    assertEquals(4, lines.size(), output);
    String values = lines.getFirst().substring(lines.getFirst().indexOf('['));
    for (String each : List.of(
        "caller's: opencl:1 ", "opencl: opencl:0 ", "opencl:0: opencl:0 ", "opencl:1: opencl:1 ")) {
      assertTrue(lines.contains(each + values), output);
    }
    try (Stream<Path> entries = Files.list(directory)) {
      assertEquals(2 * 3, entries.filter(Files::isRegularFile).count(), "three programs a device, all cached");
    }
  }
}
