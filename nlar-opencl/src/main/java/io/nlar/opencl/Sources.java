package io.nlar.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The kernels' sources, joined from the resources beside this class. */
final class Sources {
  static final String REDUCE = join("precision.cl", "tables.cl", "shape.cl", "reduce.cl");
  static final String CHECK = join("precision.cl", "check.cl");
  static final String APPLY = join("precision.cl", "tables.cl", "philox.cl", "scalars.cl", "update.cl", "apply.cl");

  private Sources() {}

  private static String join(String... names) {
    StringBuilder source = new StringBuilder();
    for (String name : names) {
      // Messages of the compiler then name file and line.
      source.append("#line 1 \"").append(name).append("\"\n").append(read(name)).append('\n');
    }
    return source.toString();
  }

  private static String read(String name) {
    try (InputStream in = Sources.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
