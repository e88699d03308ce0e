package io.nlar.opencl;

import io.nlar.DType;
import io.nlar.Storage;
import io.nlar.spi.queue.StepTables;
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
import java.util.stream.Stream;

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

  private static final String PAIRED = " -DPAIRED=";

  static final String REDUCE = join("precision.cl", "storage.cl", "memory.cl", "tables.cl", "lanes.cl",
      "shape.cl", "climb.cl", "reduce.cl");
  static final String CHECK = join("precision.cl", "storage.cl", "memory.cl", "check.cl");

  private static final Map<String, String> APPLY = new ConcurrentHashMap<>();

  private Sources() {}

  /** The update by a rule, which the file of its name holds. */
  static String apply(String rule) {
    return APPLY.computeIfAbsent(rule, name ->
        join("precision.cl", "storage.cl", "memory.cl", "tables.cl", "quantiles.cl", "philox.cl", "scalars.cl",
            "rules/" + name + ".cl", "parameters.cl", "apply.cl"));
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

  /** Options of the reduction over gradients of a type. A work-item that adds a block alone takes half a row at once. */
  static String reduceOptions(DType gradient, Mapping mapping, boolean roundedDivision) {
    DType arithmetic = gradient.arithmetic();
    int vector = mapping.groupSize() == 1 ? StepTables.LANES / 2 : mapping.vector(arithmetic);
    return options(arithmetic, vector, mapping, roundedDivision) + kept("GRADIENT", gradient) + PAIRED + 0;
  }

  /** Options of the update of a variant. */
  static String applyOptions(Variant variant, Mapping mapping, boolean roundedDivision) {
    Storage storage = variant.storage();
    boolean narrow = Stream.of(storage.value(), storage.gradient(), storage.state())
        .anyMatch(type -> type != type.arithmetic());
    return options(variant.type(), mapping.vector(variant.type()), mapping, roundedDivision)
        + kept("VALUE", storage.value())
        + kept("GRADIENT", storage.gradient())
        + kept("STATE", storage.state())
        + " -DMASTER=MASTER_" + storage.master()
        + PAIRED + (narrow ? 1 : 0)
        + " -DFORM_" + variant.form().toUpperCase(Locale.ROOT)
        + " -DNOISE=" + variant.noise()
        + " -DUPDATES=" + (variant.updates() ? 1 : 0);
  }

  /** Options of {@link #CHECK}: its binary32 operations are those of an update of 16-bit types. */
  static String checkOptions(Mapping mapping, boolean roundedDivision) {
    return options(DType.FLOAT32, mapping.vector(DType.FLOAT32), mapping, roundedDivision) + PAIRED + 1;
  }

  private static String real(DType arithmetic) {
    return switch (arithmetic) {
      case FLOAT32 -> "float";
      case FLOAT64 -> "double";
      case BFLOAT16, FLOAT16, UINT16 ->
          throw new IllegalArgumentException(arithmetic + " is no type that a step computes in");
    };
  }

  /** What all programs are told: T and its vectors, and how the work is laid over the device. */
  private static String options(DType arithmetic, int vector, Mapping mapping, boolean roundedDivision) {
    return OPTIONS
        + (roundedDivision ? " -cl-fp32-correctly-rounded-divide-sqrt" : "")
        + " -DREAL=" + real(arithmetic)
        + " -DREAL_BITS=" + arithmetic.bytes() * Byte.SIZE
        + " -DVEC=" + vector
        + " -DROUNDED_DIVISION=" + (roundedDivision ? 1 : 0)
        + " -DGROUP_SIZE=" + mapping.groupSize()
        + " -DCHUNK_BLOCKS=" + mapping.chunkBlocks();
  }

  /** An element type by its name in storage.cl. */
  private static String kept(String what, DType type) {
    return " -D" + what + "=" + type.name().toLowerCase(Locale.ROOT);
  }
}
