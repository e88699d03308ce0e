package io.nlar.cli;

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
    for (String command : List.of("devices", "replay", "verify")) {
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
  @ValueSource(strings = {"devices", "replay", "verify"})
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

  @ParameterizedTest
  @ValueSource(strings = {"", "trian", "verify --dtype int8", "verify --dtype=", "verify --backend=",
      "verify --backend=cpu:", "verify --backend=cpu:x", "verify --backend=cpu:-1", "verify --nope",
      "replay trace.json", "replay trace.json --out="})
  void aWrongCommandLineHasItsOwnExitStatus(String line) {
    Run run = Run.of(line.isEmpty() ? new String[0] : line.split(" "));
    assertEquals(ExitCode.USAGE, run.status(), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
    assertFalse(run.err().contains("try again"), run.err());
  }

  /** What is right by its form and is not there is a failure of the machine, not of the command line. */
  @ParameterizedTest
  @ValueSource(strings = {"verify --backend=tpu", "verify --backend=cpu:7", "replay absent.json --out out.json"})
  void whatIsNotThereIsAFailure(String line) {
    Run run = Run.of(line.split(" "));
    assertEquals(ExitCode.FAILED, run.status(), run.err());
  }

  @Test
  void theSameDeviceInOtherDigits() {
    assertEquals("cpu:0", DeviceSelection.of(List.of("cpu:00")).devices().getFirst().selector());
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
    assertTrue(Main.message(new java.io.IOException((String) null)).contains("java.io.IOException"));
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
