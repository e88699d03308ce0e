package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Estimator;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Every kernel (of 16-bit storage those of one rule), on the engine's own tables, in a program of its own under AddressSanitizer and UBSan. */
@Execution(ExecutionMode.CONCURRENT)
class SanitizerTest {
  private static final List<String> SANITIZERS =
      List.of("-g", "-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer");
  private static final int[] LENGTHS = {0, 1, 3, 5, 31, 1023, 1025, 4096, 4099, 9001};

  @Test
  void noKernelLeavesItsMemory(@TempDir Path folder) throws IOException, InterruptedException {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to compile the kernels for the host");
    Path recordingFile = folder.resolve("recording");
    LaunchRecording recording = new LaunchRecording(1L << 30, recordingFile);
    try (Device device = HostCuda.open(recording)) {
      int seed = 0;
      for (StepConfig config : configs()) {
        for (DType type : DType.arithmetics()) {
          record(recording, device, new KernelPaths.Kind(type, config), ++seed);
        }
      }
      for (KernelPaths.Kind kind : KernelPaths.everyKernel()) {
        if (KernelNames.narrow(kind.variant().storage()) && kind.config().rule() instanceof Estimator.Nlarcm) {
          record(recording, device, kind, ++seed);
        }
      }
    }
    Path program = folder.resolve("replay");
    HostCompiler.link(HostKernels.compile(SANITIZERS, SanitizerTest::recorded, Path.of("src/test/cpp/replay.cpp")), program,
        List.of("-fsanitize=address,undefined", "-rdynamic", "-ldl"));
    Path log = folder.resolve("log");
    Process process = new ProcessBuilder(program.toString(), recordingFile.toString())
        .redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES));
    String text = Files.readString(log);
    assertEquals(0, process.exitValue(), text);
    assertTrue(text.contains(recording.launches() + " launches"), text);
  }

  /** Of storage with 16 bits one rule is enough: what lies where is the same under all. */
  private static boolean recorded(String module) {
    return !module.matches(".*_s(16|32)_.*") || module.endsWith("_nlarcm");
  }

  /** Every kernel variant, and the paths on which scalings, policies and weight decay take other branches. */
  private static List<StepConfig> configs() {
    List<StepConfig> configs = new ArrayList<>(List.of(StepConfig.adamw(), StepConfig.nadamw(), StepConfig.lion()));
    for (StepConfig base : List.of(StepConfig.nlarsm(), StepConfig.nlarcm(), StepConfig.nlarpm(), StepConfig.nlarbb())) {
      for (Momentum momentum : List.of(new Momentum.Inverse(0.9), new Momentum.None())) {
        for (Noise noise : List.of(new Noise.None(), new Noise.Frozen(1), new Noise.Fresh(2))) {
          configs.add(base.withMomentum(momentum).withNoise(noise).withNoiseScale(0.01));
        }
      }
    }
    configs.add(StepConfig.nlarcm().withScaling(new Scaling.TensorNorm(0.1)).withNonFinite(NonFinite.FAIL));
    configs.add(StepConfig.nlarcm().withScaling(new Scaling.Soft(0.1)).withWeightDecay(0.1));
    return configs;
  }

  private static void record(LaunchRecording recording, Device device, KernelPaths.Kind kind, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Parameter> parameters = new ArrayList<>();
    List<Buffer> buffers = new ArrayList<>();
    for (int i = 0; i < LENGTHS.length; i++) {
      // Exactly as long as the tensor, so that its end is the allocation's; every third begins off a 16-byte boundary.
      int offset = i % 3 == 2 ? 1 : 0;
      Buffer value = filled(device, kind.value(), LENGTHS[i] + offset, random, buffers).slice(offset, LENGTHS[i]);
      Buffer gradient = filled(device, kind.gradient(), LENGTHS[i] + offset, random, buffers).slice(offset, LENGTHS[i]);
      parameters.add(new Parameter("t" + i, value, i == 5 ? null : gradient, i % 2 == 0));
    }
    try (Step step = device.compile(List.of(new ParameterGroup(kind.config(), parameters)))) {
      recording.record(() -> {
        step.run(0.5, 0.9);
        step.run();
      });
      HostValues.write(parameters.getLast().gradient().slice(7, 1), Double.NaN);
      recording.record(step::run);
    }
    buffers.forEach(Buffer::close);
  }

  private static Buffer filled(Device device, DType type, int length, SplittableRandom random, List<Buffer> buffers) {
    Buffer buffer = device.allocate(type, length);
    double[] values = new double[length];
    Arrays.setAll(values, i -> type.round(random.nextGaussian()));
    HostValues.write(buffer, values);
    buffers.add(buffer);
    return buffer;
  }
}
