package io.nlar.bench.report;

import com.sun.management.OperatingSystemMXBean;
import io.nlar.bench.cli.Version;
import io.nlar.bench.peer.Python;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a benchmark ran on. */
public final class Machine {
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  private Machine() {}

  /** Processor, memory, system and versions, by name. */
  public static Map<String, Object> describe() {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("processor", processor());
    machine.put("processors", Runtime.getRuntime().availableProcessors());
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      machine.put("memoryBytes", system.getTotalMemorySize());
    }
    read(HUGE_PAGES).ifPresent(text -> machine.put("transparentHugePages", text.strip()));
    machine.put("system", Version.system());
    machine.put("java", Version.java());
    machine.put("nlar", Version.nlar());
    Python.torchVersion().ifPresent(version -> machine.put("pytorch", version));
    return machine;
  }

  /** The processor's name as the system tells it. */
  static String processor() {
    return read(PROCESSORS).stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  /** Processes that ran or waited to run in the last minute, on average; negative where it is not known. */
  public static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static Optional<String> read(Path path) {
    try {
      return Optional.of(Files.readString(path));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }
}
