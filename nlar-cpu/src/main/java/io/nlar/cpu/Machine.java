package io.nlar.cpu;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The machine: its processor, and its memory or that of the container. */
final class Machine {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final Path MEMORY = Path.of("/proc/meminfo");

  private Machine() {}

  /** The processor's name as the operating system gives it, else the architecture. */
  static String processor() {
    return line(PROCESSORS, "model name")
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .filter(name -> !name.isEmpty())
        .orElseGet(() -> System.getProperty("os.arch") + " processor");
  }

  /** Whether a processor of the x86 family has fused multiply-adds; as Linux tells it, and yes where nothing does. */
  static boolean fusesMultiplyAdds() {
    return fusesMultiplyAdds(line(PROCESSORS, "flags"));
  }

  static boolean fusesMultiplyAdds(Optional<String> flags) {
    return flags.isEmpty() || List.of(flags.get().split("\\s+")).contains("fma");
  }

  /**
   * All memory, in bytes: as Linux tells it, elsewhere as the JDK does, which takes longer; {@link Long#MAX_VALUE} stands
   * for an amount that is not known, since the Java runtime lacks the module jdk.management.
   */
  static long memory() {
    OptionalLong linux = memory("MemTotal:");
    if (linux.isPresent()) {
      return Math.min(linux.getAsLong(), Container.GROUPS.limit());
    }
    try {
      return Management.total();
    } catch (LinkageError absent) {
      return Long.MAX_VALUE;
    }
  }

  /** What can be taken without swapping, in bytes; all memory where the system does not tell. */
  static long availableMemory() {
    return Math.min(memory("MemAvailable:").orElseGet(Machine::memory), Container.GROUPS.available());
  }

  /** A line of what Linux tells of its memory, in bytes. */
  private static OptionalLong memory(String start) {
    try {
      Optional<String> line = line(MEMORY, start);
      return line.isEmpty()
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(line.get().replaceAll("\\D", "")) * 1024);
    } catch (NumberFormatException unknown) {
      return OptionalLong.empty();
    }
  }

  /** The first line that starts so. Without streams, whose first use takes longer than the file. */
  private static Optional<String> line(Path file, String start) {
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(start)) {
          return Optional.of(line);
        }
      }
    } catch (IOException none) {
      // as where the line is missing
    }
    return Optional.empty();
  }

  /** What needs jdk.management, in a class that is loaded when it is asked. */
  private static final class Management {
    static long total() {
      return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
  }

  /** Found once: a process stays in its groups. */
  private static final class Container {
    private static final ControlGroups GROUPS = new ControlGroups(
        Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"), memory("MemTotal:").orElse(Long.MAX_VALUE));
  }
}
