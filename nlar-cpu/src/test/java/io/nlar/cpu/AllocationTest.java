package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A step allocates no Java heap, on any of its threads, once it is compiled.
 *
 * <p>Vectors are objects wherever the JIT compiler fails to keep them in registers, and in what it compiles no two JVMs
 * are quite alike. So {@link AllocationProbe} runs in a JVM of its own, and one JVM in which it finds something is
 * followed by two in which it may not.
 */
class AllocationTest {
  private static final int MORE = 2;

  @Test
  @Timeout(600)
  void aStepAllocatesNothing(@TempDir Path folder) throws IOException, InterruptedException {
    StringBuilder found = new StringBuilder();
    if (allocates(folder.resolve("0"), found)) {
      for (int jvm = 1; jvm <= MORE; jvm++) {
        assertTrue(!allocates(folder.resolve(Integer.toString(jvm)), found), found.toString());
      }
      System.out.println("A step allocated in one of " + (1 + MORE) + " JVMs:\n" + found);
    }
  }

  private static boolean allocates(Path log, StringBuilder found) throws IOException, InterruptedException {
    List<String> options = List.of("-Xmx512m", "-Dnlar.cpu.vector=" + System.getProperty("nlar.cpu.vector", ""));
    Process process = ChildJava.of(AllocationProbe.class, options, List.of())
        .redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertTrue(process.waitFor(180, TimeUnit.SECONDS), "a JVM did not end");
    found.append(Files.readString(log));
    assertTrue(process.exitValue() == AllocationProbe.NOTHING || process.exitValue() == AllocationProbe.SOMETHING,
        found.toString());
    return process.exitValue() == AllocationProbe.SOMETHING;
  }
}
