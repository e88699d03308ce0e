package io.nlar.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.bench.harness.VerificationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that behave well, and those that do not. */
@Timeout(60)
class ScriptTest {
  private static final Duration LONG = Duration.ofSeconds(50);
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final String ANSWERS = """
      echo ready
      while read command rest; do
        case $command in verify) echo ok;; run) echo done;; esac
      done
      """;

  @TempDir
  private Path folder;

  private Script script(String body, Duration patience) throws Exception {
    Path file = Files.writeString(folder.resolve("script"), body);
    return new Script(new ProcessBuilder("/bin/sh", file.toString()), patience);
  }

  private String failureOfStart(String body, Duration patience) {
    return assertThrows(PeerFailedException.class, () -> script(body, patience).close()).getMessage();
  }

  @Test
  void answersAreRead() throws Exception {
    try (Script script = script(ANSWERS, LONG)) {
      script.verify();
      script.run(3);
      script.run(1000);
    }
  }

  @Test
  void whoDiesAtTheStartIsQuoted() {
    String said = failureOfStart("echo 'first'; exit 1", LONG);
    assertEquals("its process said 'first', expected 'ready'", said);
    said = failureOfStart("echo 'RuntimeError: `fused=True` needs torch 2.4' >&2; exit 3", LONG);
    assertEquals("its process ended with status 3 (starting): RuntimeError: `fused=True` needs torch 2.4", said);
  }

  @Test
  void whoDiesInARunIsQuoted() throws Exception {
    try (Script script = script("echo ready; read line; echo out of memory >&2; kill -9 $$", LONG)) {
      String said = assertThrows(PeerFailedException.class, () -> script.run(1)).getMessage();
      assertTrue(said.contains("ended with status 137 ('run 1'): out of memory"), said);
      assertThrows(PeerFailedException.class, () -> script.run(1));
    }
  }

  /** More than a pipe holds: whoever does not read it would wait for ever. */
  @Test
  void aFloodOfErrorsBlocksNobody() throws Exception {
    String flood = "i=0; while [ $i -lt 20000 ]; do echo 'warning: much ado about nothing'; i=$((i+1)); done >&2\n";
    try (Script script = script(flood + ANSWERS, LONG)) {
      script.verify();
    }
    String said = failureOfStart(flood + "echo the last word >&2; exit 1", LONG);
    assertTrue(said.endsWith("the last word"), said);
    assertTrue(said.length() < 500, said);
  }

  @Test
  void whoHangsIsEnded() throws Exception {
    String said = failureOfStart("sleep 100", SHORT);
    assertTrue(said.contains("did not answer within 1 s (starting)"), said);
    Script script = script("echo ready; read line; sleep 100", SHORT);
    assertThrows(PeerFailedException.class, script::verify);
    long start = System.nanoTime();
    script.close();
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(20).toNanos(), "closing does not wait for it");
  }

  @Test
  void aWrongResultIsNoDeath() throws Exception {
    try (Script script = script("echo ready; read line; echo 'a value is off by 1'; read line", LONG)) {
      String said = assertThrows(VerificationException.class, script::verify).getMessage();
      assertEquals("its result is wrong: a value is off by 1", said);
    }
  }
}
