package io.nlar.bench.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YardsticksPtxTest {

  @Test
  void wasBuiltFromTheSourceBesideIt() throws IOException, NoSuchAlgorithmException {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update(Files.readAllBytes(Path.of("build-ptx")));
    sha.update(Files.readAllBytes(Path.of("src/main/resources/io/nlar/bench/cuda/yardsticks.cu")));
    assertEquals("// sources sha256 " + HexFormat.of().formatHex(sha.digest()),
        CudaSession.ptx().lines().findFirst().orElseThrow(), "run nlar-bench/build-ptx");
  }

  @Test
  void holdsEveryKernelThatIsLookedUp() {
    Set<String> kernels = new TreeSet<>();
    Matcher entry = Pattern.compile("\\.visible \\.entry (\\w+)\\(").matcher(CudaSession.ptx());
    while (entry.find()) {
      kernels.add(entry.group(1));
    }
    assertEquals(
        Set.of("reduce_pass", "apply_pass", "shift", "absolute", "reciprocal", "multiply", "divide"), kernels);
  }

  /** The roofline must move 16 bytes at a time, and divisions must be the rounded ones that a library has. */
  @Test
  void movesWideWordsAndDividesExactly() {
    String ptx = CudaSession.ptx();
    assertTrue(ptx.contains("ld.global.v4.u32") || ptx.contains("ld.global.nc.v4.u32"), ptx);
    assertTrue(ptx.contains("st.global.v4.u32"), ptx);
    assertTrue(ptx.contains("div.rn.f32"), ptx);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sm_75", "sm_80", "sm_90"})
  void nvidiasAssemblerTakesIt(String architecture) {
    byte[] text = Arrays.copyOf(
        CudaSession.ptx().getBytes(StandardCharsets.US_ASCII), CudaSession.ptx().length() + 1);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    try {
      JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length, text);
    } catch (LinkageError absent) {
      Assumptions.abort("JCuda has no natives for this system: " + absent.getMessage());
    }
    String[] options = {"--gpu-name=" + architecture};
    assertEquals(nvPTXCompileResult.NVPTXCOMPILE_SUCCESS,
        JNvPTXCompiler.nvPTXCompilerCompile(compiler, options.length, options));
    JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
  }
}
