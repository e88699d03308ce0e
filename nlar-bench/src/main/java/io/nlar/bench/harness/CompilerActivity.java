package io.nlar.bench.harness;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Whether the JIT compiler is at work. The time that the JVM tells counts a method only once it is compiled, and a large
 * one takes longer than a pass of a warm-up; so the queue is looked at too, where the JVM shows it.
 */
final class CompilerActivity implements BooleanSupplier {
  /** Having worked for less since it was last asked is no activity: something small is always compiled. */
  private static final Duration LITTLE = Duration.ofMillis(20);

  private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();
  private static final String DIAGNOSTIC_COMMANDS = "com.sun.management:type=DiagnosticCommand";

  private long before = millis();

  /** Whether it has worked since it was last asked, or works now. */
  @Override
  public boolean getAsBoolean() {
    long now = millis();
    boolean worked = now - before > LITTLE.toMillis();
    before = now;
    return worked || !idle(queue());
  }

  private static long millis() {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    return compiler != null && compiler.isCompilationTimeMonitoringSupported() ? compiler.getTotalCompilationTime() : 0;
  }

  /** What is being compiled, and what waits for it; empty where the JVM does not tell. */
  static String queue() {
    try {
      return (String) SERVER.invoke(new ObjectName(DIAGNOSTIC_COMMANDS), "compilerQueue", new Object[] {null},
          new String[] {String[].class.getName()});
    } catch (JMException e) {
      return "";
    }
  }

  /**
   * Whether nothing is being compiled and nothing waits: no line names a compiler thread or, by its number, a method.
   *
   * @param queue as {@link #queue} returns it
   */
  static boolean idle(String queue) {
    return queue.lines().map(String::strip).noneMatch(line -> line.matches("C[12] CompilerThread.*|\\d+ .*"));
  }
}
