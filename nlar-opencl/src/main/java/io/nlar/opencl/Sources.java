package io.nlar.opencl;

import io.nlar.DType;
import io.nlar.spi.queue.Variant;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The programs: sources, joined from the resources beside this class, and the build options that specialise them. A file may
 * include others of its own folder.
 */
final class Sources {
  private static final Pattern INCLUDE = Pattern.compile("#include \"(.+)\"");

  /**
   * What all programs are built with. Without warnings: compilers such as Clang, in PoCL, print on the process's standard
   * error how many there were, which no caller can keep from the user's terminal. Those that come are about how vectors
   * of 512 bits are handed to functions on processors with narrower ones, which is the compiler's to know.
   */
  private static final String OPTIONS = "-cl-std=CL1.2 -w";

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

  /** Options of the reduction over tensors of a type. */
  static String reduceOptions(DType type, Mapping mapping, boolean roundedDivision) {
    return OPTIONS
        + (roundedDivision ? " -cl-fp32-correctly-rounded-divide-sqrt" : "")
        + precision(type)
        + " -DVEC=" + mapping.vector(type)
        + " -DROUNDED_DIVISION=" + (roundedDivision ? 1 : 0)
        + " -DGROUP_SIZE=" + mapping.groupSize()
        + " -DCHUNK_BLOCKS=" + mapping.chunkBlocks();
  }

  /** What elements are kept as, and what they are computed in. */
  private static String precision(DType type) {
    return switch (type) {
      case FLOAT32 -> " -DSTORED=float -DREAL=float -DREAL_BITS=32";
      case FLOAT64 -> " -DSTORED=double -DREAL=double -DREAL_BITS=64";
      case BFLOAT16, FLOAT16, UINT16 -> throw new IllegalArgumentException(type + " is no type that a step computes in");
    };
  }

  /** Options of the update of a variant. */
  static String applyOptions(Variant variant, Mapping mapping, boolean roundedDivision) {
    return reduceOptions(variant.type(), mapping, roundedDivision)
        + " -DFORM_" + variant.form().toUpperCase(Locale.ROOT)
        + " -DNOISE=" + variant.noise();
  }
}
