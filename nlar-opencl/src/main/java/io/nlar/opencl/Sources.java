package io.nlar.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernels' sources, joined from the resources beside this class. A file may include others of its own folder. */
final class Sources {
  private static final Pattern INCLUDE = Pattern.compile("#include \"(.+)\"");

  static final String REDUCE = join("precision.cl", "tables.cl", "shape.cl", "reduce.cl");
  static final String CHECK = join("precision.cl", "check.cl");

  private static final Map<String, String> APPLY = new ConcurrentHashMap<>();

  private Sources() {}

  /** The update by a rule, which the file of its name holds. */
  static String apply(String rule) {
    return APPLY.computeIfAbsent(rule, name ->
        join("precision.cl", "tables.cl", "philox.cl", "scalars.cl", "rules/" + name + ".cl", "apply.cl"));
  }

  private static String join(String... names) {
    StringBuilder source = new StringBuilder(Preamble.TEXT);
    for (String name : names) {
      append(name, source);
    }
    return source.toString();
  }

  private static void append(String name, StringBuilder source) {
    // Messages of the compiler then name file and line.
    source.append("#line 1 \"").append(name).append("\"\n");
    int number = 0;
    for (String line : read(name).split("\n", -1)) {
      number++;
      Matcher include = INCLUDE.matcher(line);
      if (include.matches()) {
        append(name.substring(0, name.lastIndexOf('/') + 1) + include.group(1), source);
        source.append("#line ").append(number + 1).append(" \"").append(name).append("\"\n");
      } else {
        source.append(line).append('\n');
      }
    }
  }

  private static String read(String name) {
    try (InputStream in = Sources.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
