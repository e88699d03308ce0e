package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.spi.queue.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What the shipped PTX says, and that it was made from the sources beside it. */
@Execution(ExecutionMode.CONCURRENT)
class PtxTextTest {
  private static final Path SCRIPT = Path.of("build-ptx");
  private static final Path KERNELS = Path.of("src/main/resources/io/nlar/cuda/kernels");
  private static final List<String> MODULES = Ptx.MODULES;

  /** Floating-point arithmetic; min, max, abs, neg and comparisons do not round. */
  private static final Pattern ARITHMETIC = Pattern.compile(
      "\\b(add|sub|mul|div|fma|mad|sqrt|rcp|rsqrt|sin|cos|ex2|lg2|tanh)((?:\\.\\w+)*\\.f(?:16|16x2|32|64))\\b");
  private static final Pattern COMPILER = Pattern.compile("Cuda compilation tools, release \\S+, (V\\S+)");

  @ParameterizedTest
  @FieldSource("MODULES")
  void everyOperationRoundsToNearestAndNothingIsContracted(String module) {
    TreeSet<String> found = new TreeSet<>();
    Matcher matcher = ARITHMETIC.matcher(Ptx.text(module));
    while (matcher.find()) {
      found.add(matcher.group());
    }
    assertTrue(found.contains("mul.rn.f64"), "the pattern finds what is there: " + found);
    for (String operation : found) {
      // The assembler may fuse what carries no rounding mode.
      assertTrue(operation.contains(".rn."), operation);
      assertFalse(operation.contains(".ftz"), operation);
      assertFalse(operation.contains(".approx") || operation.contains(".full"), operation);
      // A product of floats is exact in binary64, so that an FMA gives the bits of product and sum.
      assertTrue(!operation.matches("(fma|mad).*") || module.equals("square_sum")
          || module.endsWith("_nlarsf") && !module.startsWith("apply_f64") && operation.equals("fma.rn.f64"), operation);
    }
  }

  /** What the list of operations above might not know. */
  @ParameterizedTest
  @FieldSource("MODULES")
  void nothingFlushesToZeroAndNumbersAreNarrowedToTheNearest(String module) {
    String ptx = Ptx.text(module);
    assertFalse(ptx.contains(".ftz"));
    List<String> narrowings = Pattern.compile("\\bcvt\\S*\\.f32\\.f64\\b").matcher(ptx).results()
        .map(MatchResult::group).distinct().toList();
    boolean doubles = module.startsWith("apply_f64") || module.equals(KernelNames.SUMS);
    assertEquals(doubles ? List.of() : List.of("cvt.rn.f32.f64"), narrowings);
  }

  /** A load that does not name its memory takes a look first whether it is shared, and waits for more than it must. */
  @ParameterizedTest
  @FieldSource("MODULES")
  void everyLoadOfElementsNamesItsMemory(String module) {
    assertTrue(Ptx.text(module).contains("ld.global."));
    assertFalse(Pattern.compile("\\bld\\.(v[24]\\.)?[fbu]\\d").matcher(Ptx.text(module)).find());
  }

  @Test
  void theOnlyFusedOperationIsInTheSumsOfFloatSquares() {
    String ptx = Ptx.text("square_sum");
    String rest = ptx.substring(ptx.indexOf(".entry nlar_square_sum_f64"));
    int next = rest.indexOf(".entry", 1);
    String ofDoubles = next < 0 ? rest : rest.substring(0, next);
    assertTrue(ptx.contains("fma.rn.f64"));
    assertFalse(ofDoubles.contains("fma."));
  }

  @ParameterizedTest
  @FieldSource("MODULES")
  void targetsTuringAndLoadsInDriversOfCuda11(String module) {
    String ptx = Ptx.text(module);
    assertTrue(ptx.contains("\n.version 7.0\n"), module);
    assertTrue(ptx.contains("\n.target sm_75\n"), module);
    assertTrue(module.equals("square_sum") || ptx.contains("ld.global.cs.v"), "wide streaming loads");
    assertFalse(ptx.contains("atom.add.f") || ptx.contains("red.add.f") || ptx.contains("atom.global.add.f"),
        "no floating-point atomics");
  }

  @Test
  void everyVariantHasItsKernel() {
    TreeSet<String> wanted = new TreeSet<>();
    for (KernelPaths.Kind kind : KernelPaths.everyKind()) {
      boolean valuesAlone = KernelNames.narrow(kind.variant().storage()) || !kind.config().rule().parameterSlots().isEmpty();
      for (boolean updates : valuesAlone ? List.of(false) : List.of(false, true)) {
        Variant variant = kind.with(updates).variant();
        wanted.add(KernelNames.update(variant));
        assertTrue(Ptx.kernels(KernelNames.module(variant)).contains(KernelNames.update(variant)), variant.toString());
      }
    }
    assertEquals(wanted, new TreeSet<>(MODULES.stream().filter(module -> !module.equals("square_sum"))
        .flatMap(module -> Ptx.kernels(module).stream()).toList()), "no kernel is there for nothing");
  }

  @ParameterizedTest
  @FieldSource("MODULES")
  void wasBuiltFromTheSourcesBesideIt(String module) {
    assertEquals("// sources sha256 " + digest(), Ptx.text(module).lines().findFirst().orElseThrow(),
        "run nlar-cuda/build-ptx");
  }

  private static String digest() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(Files.readAllBytes(SCRIPT));
      for (Path folder : List.of(KERNELS, KERNELS.resolve("rules"))) {
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
            sha.update(Files.readAllBytes(file));
          }
        }
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void isWhatTheCompilerMakesOfTheSources(@TempDir Path fresh) throws Exception {
    Assumptions.assumeTrue(runs("nvcc", "--version"), "there is no nvcc");
    assertTrue(runs("./" + SCRIPT, fresh.toString()), "build-ptx fails");
    for (String module : MODULES) {
      String rebuilt = Files.readString(fresh.resolve(module + ".ptx"));
      if (compiler(rebuilt).equals(compiler(Ptx.text(module)))) {
        assertEquals(Ptx.text(module), rebuilt, module);
      } else {
        assertEquals(Set.copyOf(Ptx.kernels(module)), Set.copyOf(Ptx.kernelsOf(rebuilt)), module);
      }
    }
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private static String compiler(String ptx) {
    Matcher matcher = COMPILER.matcher(ptx);
    assertTrue(matcher.find());
    return matcher.group(1);
  }
}
