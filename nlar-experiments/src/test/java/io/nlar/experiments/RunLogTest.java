package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cli.CommandFailedException;
import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of runs, as others may have left it, and its lock. */
class RunLogTest {
  private static final String ROW = ",adam,0.1,1,%s,2.0,0.1,0.1,1,1,0.1,0.1,0.1,%s\n";

  @TempDir
  private Path folder;
  private RunLog log;

  @BeforeEach
  void empty() {
    log = new RunLog(folder, Measure.ACCURACY);
    log.rewrite(List.of());
  }

  private void add(String rows) throws IOException {
    Files.writeString(log.file(), Files.readString(log.file()) + rows);
  }

  private void assertRefused(String... parts) {
    String message = assertThrows(CommandFailedException.class, log::read).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
    assertTrue(message.contains(log.file().toString()) && message.contains("--out"), message);
  }

  @Test
  void anEpochThatIsThereTwiceIsRefused() throws IOException {
    add(ROW.formatted(1, false) + ROW.formatted(2, false) + ROW.formatted(1, false));
    assertRefused("line 4", "epoch 1 of adam rate 0.1 seed 1 is there twice");
  }

  @Test
  void aLineThatIsBrokenIsNamedUnlessItWasCutOff() throws IOException {
    add(ROW.formatted(1, false) + ",adam,0.1");
    assertEquals(1, log.read().size());
    empty();
    add(ROW.formatted(0, false) + ROW.formatted(1, false));
    assertRefused("line 2", "there is no epoch 0");
    empty();
    add(ROW.formatted(1, "perhaps") + ROW.formatted(1, false));
    assertRefused("line 2", "'perhaps' is neither true nor false");
  }

  /** Holds the lock until it is killed. */
  static final class Holder {
    public static void main(String[] arguments) throws Exception {
      RunLock.take(Path.of(arguments[0]));
      System.out.println("taken");
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  @Test
  void theLockKeepsOtherProcessesOutAndEndsWithItsOwn() throws Exception {
    Process holder = ChildJava.of(Holder.class, List.of(), List.of(folder.toString()))
        .redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      assertEquals('t', holder.getInputStream().read());
      String message = assertThrows(CommandFailedException.class, () -> RunLock.take(folder)).getMessage();
      assertTrue(message.contains("another train, sweep or ablate is writing to " + folder), message);
    } finally {
      holder.destroyForcibly().waitFor();
    }
    RunLock.take(folder).close();
  }
}
