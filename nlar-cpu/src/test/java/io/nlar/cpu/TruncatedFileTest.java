package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * In a JVM of its own, which ends where it does not see the fault as one of Java. On the scalar kernel: of the loads of
 * the Vector API the JVM does not see it once they are compiled, and that is not Nlar's to mend.
 */
@EnabledOnOs(OS.LINUX)
class TruncatedFileTest {

  @Test
  void aFileThatWasTruncatedIsReported(@TempDir Path folder) throws IOException, InterruptedException {
    String output = ChildJava.run(TruncatedFile.class, Map.of(), List.of("-Dnlar.cpu.vector=scalar"),
        List.of(folder.toString()), Duration.ofSeconds(60));
    assertTrue(output.contains("all as documented"), output);
  }
}
