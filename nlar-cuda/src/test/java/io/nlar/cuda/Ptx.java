package io.nlar.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The shipped PTX modules. */
final class Ptx {
  /** Names of all modules. */
  static final List<String> MODULES = List.of("square_sum", "apply_f32_nlarsm", "apply_f32_nlarcm", "apply_f32_nlarpm",
      "apply_f64_nlarsm", "apply_f64_nlarcm", "apply_f64_nlarpm");

  private Ptx() {}

  static String text(String module) {
    try (InputStream in = GpuDriver.class.getResourceAsStream("ptx/" + module + ".ptx")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
