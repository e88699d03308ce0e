package io.nlar.bench.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DeviceUnavailableException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

  @Test
  void findsTheCommandsThroughServiceLoader() {
    Run run = Run.of("--help");
    assertEquals(ExitCode.OK, run.status());
    for (String command : List.of("bench", "devices", "jmh", "replay", "verify")) {
      assertTrue(run.out().contains("\n  " + command + " "), command + " in " + run.out());
    }
  }

  @Test
  void aCommandThatCannotBeLoadedHidesNoOther() {
    System.setProperty(BrokenCommand.PROPERTY, "");
    try {
      Run run = Run.of("devices");
      assertEquals(ExitCode.OK, run.status());
      assertTrue(run.out().contains("cpu:0"), run.out());
      assertTrue(run.err().startsWith("nlar: a command cannot be loaded: "), run.err());
      assertTrue(run.err().contains(BrokenCommand.class.getName()), run.err());
    } finally {
      System.clearProperty(BrokenCommand.PROPERTY);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "devices", "jmh", "replay", "verify"})
  void everyCommandHasHelpWithExitCodes(String command) {
    Run run = Run.of(command, "--help");
    assertEquals(ExitCode.OK, run.status());
    assertTrue(run.out().startsWith("Usage: nlar " + command), run.out());
    assertTrue(run.out().contains("Exit status:"), run.out());
    assertTrue(run.out().contains("--verbose"), run.out());
  }

  @Test
  void tellsItsVersion() {
    Run run = Run.of("--version");
    assertEquals(ExitCode.OK, run.status());
    assertTrue(run.out().matches("(?s)Nlar \\d+\\.\\d+\\..*"), run.out());
  }

  @Test
  void aWrongCommandLineHasItsOwnExitStatus() {
    assertEquals(ExitCode.USAGE, Run.of().status());
    assertEquals(ExitCode.USAGE, Run.of("trian").status());
    assertEquals(ExitCode.USAGE, Run.of("verify", "--dtype", "float16").status());
    assertEquals(ExitCode.USAGE, Run.of("replay", "trace.json").status());
    assertTrue(Run.of("verify", "--dtype", "float16").err().contains("use float32 or float64"));
  }

  @Test
  void aFailureIsOneMessageWithoutStackTrace() {
    Run run = Run.of("verify", "--backend", "tpu");
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.err().startsWith("nlar: there is no backend 'tpu'"), run.err());
    assertTrue(run.err().contains("cpu: available"), "every backend's reason: " + run.err());
    assertFalse(run.err().contains("\tat "), run.err());
  }

  @Test
  void verboseShowsWhereAFailureCameFrom() {
    Run run = Run.of("verify", "--backend", "tpu", "--verbose");
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.err().contains(DeviceUnavailableException.class.getName()), run.err());
    assertTrue(run.err().contains("\tat "), run.err());
  }

  @Test
  void messagesOfFilesNameTheFile() {
    assertEquals("there is no file a.json", Main.message(new NoSuchFileException("a.json")));
    assertEquals("no permission for a.json", Main.message(new AccessDeniedException("a.json")));
    assertTrue(Main.message(new IllegalStateException("boo")).contains("--verbose"));
    assertTrue(Main.message(new OutOfMemoryError("Java heap space")).contains("-Xmx"));
  }

  @Test
  void noColorIsHonoured() {
    assertTrue(Terminal.coloursWanted(null));
    assertTrue(Terminal.coloursWanted(""));
    assertFalse(Terminal.coloursWanted("1"));
    assertFalse(new Terminal(true, false).good("pass").contains("\u001b"));
    assertTrue(new Terminal(true, true).good("pass").contains("\u001b"));
  }

  @Test
  void devicesListsBackendsOrTheirReasons() {
    Run run = Run.of("devices");
    assertEquals(ExitCode.OK, run.status());
    assertTrue(run.out().contains("cpu:0"), run.out());
    assertTrue(run.out().contains("broken: it is for tests"), run.out());
  }
}
