package io.nlar.cpu;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The machine's memory, or that of the container. */
final class PhysicalMemory {
  private static final Path LINUX = Path.of("/proc/meminfo");

  private PhysicalMemory() {}

  /**
   * All of it, in bytes. A Java runtime without the module jdk.management does not tell; then Linux does, and elsewhere
   * {@link Long#MAX_VALUE} stands for an amount that is not known.
   */
  static long total() {
    try {
      return Management.total();
    } catch (LinkageError absent) {
      return Math.min(line("MemTotal:").orElse(Long.MAX_VALUE), Container.GROUPS.limit());
    }
  }

  /** What can be taken without swapping, in bytes; all of it where the system does not tell. */
  static long available() {
    return Math.min(line("MemAvailable:").orElseGet(PhysicalMemory::total), Container.GROUPS.available());
  }

  /** A line of what Linux tells, in bytes. */
  private static OptionalLong line(String start) {
    try (Stream<String> lines = Files.lines(LINUX)) {
      return lines.filter(each -> each.startsWith(start))
          .mapToLong(each -> Long.parseLong(each.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException | UncheckedIOException | NumberFormatException e) {
      return OptionalLong.empty();
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
        Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"), line("MemTotal:").orElse(Long.MAX_VALUE));
  }
}
