package io.nlar.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The shipped PTX modules. */
final class Ptx {
  private static final Path RULE_FILES = Path.of("src/main/resources/io/nlar/cuda/kernels/rules");

  /** Names of all rules: the files that list kernels. */
  static final List<String> RULES = rules("");

  /** Those of them that write no updates. */
  private static final List<String> VALUE_RULES = rules("\n// VALUES:");

  /**
   * Names of all kinds of storage that have modules: of one type, for values and for updates, and narrow ones with the bits
   * of their state.
   */
  static final List<String> STORAGES = Stream.concat(Stream.of("f32", "f64", "f32u", "f64u"), Stream.of("f32", "bf16", "bf16r", "f16m")
      .flatMap(value -> Stream.of(value + "_s32", value + "_s16"))).toList();

  /** Names of all modules. */
  static final List<String> MODULES = Stream.concat(Stream.of(KernelNames.SUMS), STORAGES.stream()
      .flatMap(storage -> RULES.stream().filter(rule -> known(storage, rule))
          .map(rule -> "apply_" + storage + "_" + rule))).toList();

  private Ptx() {}

  /** Whether there is a module of a rule for a storage. */
  static boolean known(String storage, String rule) {
    return !storage.endsWith("u") || !VALUE_RULES.contains(rule);
  }

  private static List<String> rules(String mark) {
    try (Stream<Path> files = Files.list(RULE_FILES)) {
      List<String> rules = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        String text = Files.readString(file);
        if (text.contains("\n#define NLAR_KERNELS") && text.contains(mark)) {
          rules.add(file.getFileName().toString().replace(".cuh", ""));
        }
      }
      return List.copyOf(rules);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kernels of a module. */
  static List<String> kernels(String module) {
    return kernelsOf(text(module));
  }

  static List<String> kernelsOf(String ptx) {
    return Pattern.compile("\\.entry (\\w+)").matcher(ptx).results().map(match -> match.group(1)).toList();
  }

  static String text(String module) {
    try (InputStream in = GpuDriver.class.getResourceAsStream("ptx/" + module + ".ptx")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
