package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DeviceUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** NVIDIA's assembler, which needs no GPU, takes the shipped PTX for every supported architecture, without spills. */
@Execution(ExecutionMode.CONCURRENT)
class PtxAssemblyTest {
  private static final List<String> ARCHITECTURES = List.of("sm_75", "sm_80", "sm_86", "sm_89", "sm_90");
  /** With 80 registers three thread blocks of 256 fit on a multiprocessor, which keeps memory busy. */
  private static final int MOST_REGISTERS_FLOAT = 80;
  /** Two thread blocks, also where eight elements are a pack. */
  private static final int MOST_REGISTERS_WIDE = 128;
  private static final int MOST_REGISTERS = 255;

  private static final String ALL = "nlar.test.assemble.all";

  private static final Pattern KERNEL = Pattern.compile("Compiling entry function '(\\w+)'");
  private static final Pattern SPILLS =
      Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
  private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");

  @BeforeAll
  static void assembler() {
    try {
      NativeLibraries.initialise("jcuda.nvptxcompiler.JNvPTXCompiler");
    } catch (DeviceUnavailableException absent) {
      Assumptions.abort("JCuda has no natives for this system: " + absent.getMessage());
    }
  }

  /** Of updates with noise fewer thread blocks are resident. */
  private static boolean noisyUpdate(String kernel) {
    return kernel.matches("nlar_apply_f32u_\\w+_(frozen|fresh)");
  }

  private static boolean narrow(String module) {
    return module.matches("apply_\\w+_s\\d\\d_.*");
  }

  /** For every architecture: what writes float32 values, and the rule with the most registers. */
  private static boolean everywhere(String module) {
    return !narrow(module) && (module.startsWith("apply_f32_") || module.endsWith("nlarbb") || module.equals(KernelNames.SUMS));
  }

  /** Of the many other modules each for one architecture. */
  static Stream<Arguments> modulesAndArchitectures() {
    return modulesAndArchitectures(true);
  }

  /**
   * Those for the other architectures, of the rule with the most registers: where it fits the others do. With the system
   * property {@value #ALL} those of all rules, which takes ten minutes: after a change to what all kernels share.
   */
  static Stream<Arguments> otherModulesAndArchitectures() {
    return modulesAndArchitectures(false)
        .filter(arguments -> Boolean.getBoolean(ALL) || ((String) arguments.get()[0]).endsWith("nlarbb"));
  }

  private static Stream<Arguments> modulesAndArchitectures(boolean first) {
    return IntStream.range(0, Ptx.MODULES.size()).boxed().flatMap(i -> IntStream.range(0, ARCHITECTURES.size())
        .filter(j -> first == (everywhere(Ptx.MODULES.get(i)) || i % ARCHITECTURES.size() == j))
        .mapToObj(j -> Arguments.of(Ptx.MODULES.get(i), ARCHITECTURES.get(j))));
  }

  /** Modules that are no others with another rule. */
  static List<String> someModules() {
    return Ptx.MODULES.stream().filter(module -> !narrow(module) || module.endsWith("nlarcm")).toList();
  }

  @ParameterizedTest
  @MethodSource("modulesAndArchitectures")
  void assemblesWithoutSpillsInFewRegisters(String module, String architecture) {
    String report = assemble(Ptx.text(module), architecture);
    Map<String, Integer> registers = new TreeMap<>();
    Matcher kernel = KERNEL.matcher(report);
    while (kernel.find()) {
      String rest = report.substring(kernel.end());
      Matcher spills = SPILLS.matcher(rest);
      Matcher used = REGISTERS.matcher(rest);
      assertTrue(spills.find() && used.find(), rest);
      assertEquals("0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads", spills.group(), kernel.group(1));
      registers.put(kernel.group(1), Integer.parseInt(used.group(1)));
    }
    assertEquals(Set.copyOf(Ptx.kernels(module)), registers.keySet(), report);
    boolean wide = module.contains("f64") || narrow(module);
    boolean fourSlots = module.endsWith("nlarbb");
    registers.forEach((name, count) -> {
      boolean more = fourSlots || noisyUpdate(name);
      int limit = wide && fourSlots ? MOST_REGISTERS : wide || more ? MOST_REGISTERS_WIDE : MOST_REGISTERS_FLOAT;
      assertTrue(count <= limit, name + " uses " + count + " registers");
    });
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("otherModulesAndArchitectures")
  void assemblesForEveryArchitecture(String module, String architecture) {
    assemblesWithoutSpillsInFewRegisters(module, architecture);
  }

  /** An assembler of another age is less forgiving: that of CUDA 13 refuses hints newer than the stated version. */
  @ParameterizedTest
  @MethodSource("someModules")
  void theInstalledAssemblerTakesItToo(String module, @TempDir Path folder) throws IOException, InterruptedException {
    Path ptx = Files.writeString(folder.resolve("module.ptx"), Ptx.text(module));
    Path log = folder.resolve("log");
    Process assembler;
    try {
      assembler = new ProcessBuilder("ptxas", "-arch=sm_90", "-o", folder.resolve("cubin").toString(), ptx.toString())
          .redirectErrorStream(true).redirectOutput(log.toFile()).start();
    } catch (IOException absent) {
      Assumptions.abort("there is no ptxas");
      return;
    }
    assertEquals(0, assembler.waitFor(), Files.readString(log));
  }

  private static String assemble(String ptx, String architecture) {
    byte[] text = Arrays.copyOf(ptx.getBytes(StandardCharsets.US_ASCII), ptx.length() + 1);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    check(JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length, text));
    try {
      String[] options = {"--gpu-name=" + architecture, "--verbose"};
      if (JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options)
          != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
        long[] size = new long[1];
        check(JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size));
        byte[] log = new byte[(int) size[0] + 1];
        check(JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log));
        throw new AssertionError(architecture + ": " + new String(log, StandardCharsets.US_ASCII));
      }
      long[] size = new long[1];
      check(JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(compiler, size));
      byte[] log = new byte[(int) size[0] + 1];
      check(JNvPTXCompiler.nvPTXCompilerGetInfoLog(compiler, log));
      return new String(log, StandardCharsets.US_ASCII);
    } finally {
      check(JNvPTXCompiler.nvPTXCompilerDestroy(compiler));
    }
  }

  private static void check(int result) {
    assertEquals(nvPTXCompileResult.NVPTXCOMPILE_SUCCESS, result, () -> nvPTXCompileResult.stringFor(result));
  }
}
