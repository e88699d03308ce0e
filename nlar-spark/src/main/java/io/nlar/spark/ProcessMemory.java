package io.nlar.spark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/** What memory this Java process has had. */
final class ProcessMemory {
  private static final Pattern HIGH_WATER = Pattern.compile("VmHWM:\\s+(\\d+) kB");
  private static final Pattern TOTAL = Pattern.compile("Total: reserved=\\d+, committed=(\\d+)");
  private static final Pattern HEAP = Pattern.compile("Java Heap \\(reserved=\\d+, committed=(\\d+)");

  private ProcessMemory() {}

  private static Stream<MemoryPoolMXBean> heapPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getType() == MemoryType.HEAP);
  }

  /** Forgets how much of the heap has been used. */
  static void forgetPeak() {
    heapPools().forEach(MemoryPoolMXBean::resetPeakUsage);
  }

  /** The highest sum of heap pools. */
  static long peakHeap() {
    return heapPools().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
  }

  /** The most that has been resident since the process began; 0 where the system does not tell. */
  static long peakResident() {
    try {
      return first(HIGH_WATER, Files.readString(Path.of("/proc/self/status"))) << 10;
    } catch (IOException notLinux) {
      return 0;
    }
  }

  /** What is committed outside the heap, by Java's own tracking of native memory; 0 where that is not switched on. */
  static long committedNative() {
    try {
      String report = (String) ManagementFactory.getPlatformMBeanServer().invoke(
          new ObjectName("com.sun.management:type=DiagnosticCommand"), "vmNativeMemory", new Object[] {new String[] {"summary", "scale=B"}},
          new String[] {String[].class.getName()});
      return first(TOTAL, report) - first(HEAP, report);
    } catch (JMException otherVm) {
      return 0;
    }
  }

  private static long first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }
}
