package io.nlar.bench.report;

import com.sun.management.OperatingSystemMXBean;
import io.nlar.bench.cpu.JvmVectors;
import io.nlar.bench.peer.Python;
import io.nlar.cli.Version;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What a benchmark ran on. */
public final class Machine {
  private static final int GIT_SECONDS = 5;
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
    commit().ifPresent(commit -> machine.put("commit", commit));
    machine.put("javaOptions", ManagementFactory.getRuntimeMXBean().getInputArguments());
    machine.put("heapBytes", Runtime.getRuntime().maxMemory());
    JvmVectors.bits().ifPresent(bits -> machine.put("vectorBits", bits));
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("nlar.")) {
        machine.put(name, System.getProperty(name));
      }
    }
    machine.putAll(Python.describe());
    return machine;
  }

  /** The commit that the classes were built from, as far as git tells: in a source tree, not in a bundle. */
  static Optional<String> commit() {
    try {
      Path classes = Path.of(Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
          .directory((Files.isDirectory(classes) ? classes : classes.getParent()).toFile())
          .redirectError(ProcessBuilder.Redirect.DISCARD).start();
      if (!git.waitFor(GIT_SECONDS, TimeUnit.SECONDS)) {
        git.destroyForcibly();
        return Optional.empty();
      }
      String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.exitValue() == 0 && !said.isEmpty() ? Optional.of(said) : Optional.empty();
    } catch (IOException | URISyntaxException unknown) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
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
