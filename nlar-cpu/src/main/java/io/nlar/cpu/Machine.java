package io.nlar.cpu;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

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

  /**
   * All memory, in bytes. A Java runtime without the module jdk.management does not tell; then Linux does, and elsewhere
   * {@link Long#MAX_VALUE} stands for an amount that is not known.
   */
  static long memory() {
    try {
      return Management.total();
    } catch (LinkageError absent) {
      return Math.min(memory("MemTotal:").orElse(Long.MAX_VALUE), Container.GROUPS.limit());
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

  private static Optional<String> line(Path file, String start) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.filter(each -> each.startsWith(start)).findFirst();
    } catch (IOException | UncheckedIOException none) {
      return Optional.empty();
    }
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
