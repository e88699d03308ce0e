package io.nlar.cpu;

import io.nlar.SettingException;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.SumKernel;
import io.nlar.cpu.kernel.Takeover;
import java.util.List;
import jdk.incubator.vector.VectorShape;

/**
 * What a device is opened with.
 *
 * @param threads how many threads work on a step, the caller included
 * @param vectorBits width of the kernels' vectors; 0 for the scalar kernel
 * @param cut how work is cut up
 * @param remarks what a user should know about this choice
 */
record CpuSettings(int threads, int vectorBits, Cut cut, List<String> remarks) {
  static final String THREADS = "nlar.cpu.threads";
  static final String VECTOR = "nlar.cpu.vector";

  /**
   * How the work of a pass is cut up; results do not depend on it.
   *
   * @param chunk elements that a kernel works on at once: whole blocks of the sums of squares, and enough for the
   *     processor's prefetch
   * @param claim elements, in one tensor or several, that a thread takes at once
   * @param alone up to so many elements waking other threads costs more than it brings
   */
  record Cut(int chunk, long claim, long alone) {
    /** As measured. */
    static final Cut MEASURED = new Cut(1 << 16, 1 << 15, 1 << 15);

    Cut {
      if (chunk < SumKernel.BLOCK || chunk % SumKernel.BLOCK != 0) {
        throw new IllegalArgumentException("a chunk holds whole blocks of " + SumKernel.BLOCK + " elements, not " + chunk);
      }
      if (chunk + claim > Memory.MOST_ELEMENTS) {
        throw new IllegalArgumentException("a chunk of " + chunk + " elements and a claim of " + claim
            + " are more than the " + Memory.MOST_ELEMENTS + " that a kernel works on at a time");
      }
    }
  }

  /** Kernels are written for vectors of 2 to 8 doubles; machines with wider ones use a part of them. */
  private static final int WIDEST = 512;
  private static final int NARROWEST = 128;

  /**
   * Reads the system properties, and looks for the Vector API without loading a class of it.
   *
   * @throws IllegalArgumentException if a property cannot be followed; the message says what it takes
   */
  static CpuSettings read() {
    int threads = threads(System.getProperty(THREADS));
    Takeover.after(); // the kernels read it later
    String asked = System.getProperty(VECTOR, "").strip();
    if (asked.equals("scalar")) {
      return new CpuSettings(threads, 0, Cut.MEASURED, List.of("the scalar kernel was asked for by -D" + VECTOR + "=scalar"));
    }
    boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    int preferred = present ? Math.min(VectorApi.preferredBits(), WIDEST) : 0;
    if (!asked.isEmpty()) {
      return new CpuSettings(threads, forced(asked, present, preferred), Cut.MEASURED, List.of());
    }
    if (!present) {
      return new CpuSettings(threads, 0, Cut.MEASURED, List.of("the slower scalar kernel is used, because the module"
          + " jdk.incubator.vector is absent; start Java with --add-modules jdk.incubator.vector"));
    }
    if (preferred < NARROWEST) {
      return new CpuSettings(threads, 0, Cut.MEASURED, List.of("the slower scalar kernel is used, because this JVM compiles no"
          + " vectors on this processor; run a JVM with its C2 compiler enabled"));
    }
    if (preferred == NARROWEST && x86()) {
      // Without AVX, C2 compiles no masks of vectors: each would be an object, and the kernel fifteen times slower.
      return new CpuSettings(threads, 0, Cut.MEASURED, List.of("the scalar kernel is used, because this processor (or"
          + " this JVM) has no AVX, without which vectors with masks are slower"));
    }
    if (x86() && !Machine.fusesMultiplyAdds()) {
      // The JVM computes each of a vector's in software then, in microseconds.
      return new CpuSettings(threads, 0, Cut.MEASURED, List.of("the scalar kernel is used, because this processor has no fused"
          + " multiply-add (FMA), without which the kernels on vectors are slower"));
    }
    return new CpuSettings(threads, preferred, Cut.MEASURED, List.of());
  }

  /**
   * These settings with another number of threads.
   *
   * @throws SettingException if a device cannot have as many
   */
  CpuSettings withThreads(int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new SettingException("a device of the CPU takes from 1 to " + MOST_THREADS + " threads, not " + threads);
    }
    return new CpuSettings(threads, vectorBits, cut, remarks);
  }

  /** Which kernels run, for people. */
  String kernels() {
    if (vectorBits == 0) {
      return "scalar";
    }
    long after = Takeover.after();
    return "vectors of " + vectorBits + " bits" + (after == 0 ? "" : ", scalar for the first " + after + " elements");
  }

  private static boolean x86() {
    return switch (System.getProperty("os.arch", "")) {
      case "amd64", "x86_64", "x86" -> true;
      default -> false;
    };
  }

  /** More than the processors of any machine known; each takes working memory of its own. */
  static final int MOST_THREADS = 1024;

  private static int threads(String property) {
    if (property == null || property.isBlank()) {
      return Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    }
    try {
      int threads = Integer.parseInt(property.strip());
      if (threads >= 1 && threads <= MOST_THREADS) {
        return threads;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new IllegalArgumentException("-D" + THREADS + " takes a number of threads from 1 to " + MOST_THREADS
        + ", not '" + property + "'");
  }

  private static int forced(String asked, boolean present, int preferred) {
    int bits = switch (asked) {
      case "128" -> 128;
      case "256" -> 256;
      case "512" -> 512;
      default -> throw new IllegalArgumentException(
          "-D" + VECTOR + " takes scalar, 128, 256 or 512, not '" + asked + "'");
    };
    if (!present) {
      throw new IllegalArgumentException("-D" + VECTOR + "=" + asked + " needs the module jdk.incubator.vector; start"
          + " Java with --add-modules jdk.incubator.vector");
    }
    if (bits > preferred) {
      throw new IllegalArgumentException("-D" + VECTOR + "=" + asked + " is wider than the " + preferred
          + " bits of this processor's vectors under this JVM; take a narrower width, or scalar");
    }
    return bits;
  }

  /** Touches the Vector API: only loaded where its module is present. */
  static final class VectorApi {
    /** The width of vectors that the JVM compiles best; 64 where it compiles none. */
    static int preferredBits() {
      return VectorShape.preferredShape().vectorBitSize();
    }
  }
}
