package io.nlar.cpu;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The machine's memory, or that of the container. */
final class PhysicalMemory {
  private static final Path LINUX = Path.of("/proc/meminfo");

  private PhysicalMemory() {}

  /** All of it, in bytes. */
  static long total() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
  }

  /** What can be taken without swapping, in bytes; all of it where the system does not tell. */
  static long available() {
    return Math.min(of("MemAvailable:"), Container.GROUPS.available());
  }

  /** A line of what Linux tells, in bytes; all memory elsewhere. */
  private static long of(String line) {
    try (Stream<String> lines = Files.lines(LINUX)) {
      return lines.filter(each -> each.startsWith(line))
          .mapToLong(each -> Long.parseLong(each.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElseGet(PhysicalMemory::total);
    } catch (IOException | UncheckedIOException | NumberFormatException e) {
      return total();
    }
  }

  /** Found once: a process stays in its groups. */
  private static final class Container {
    private static final ControlGroups GROUPS =
        new ControlGroups(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"), of("MemTotal:"));
  }
}
