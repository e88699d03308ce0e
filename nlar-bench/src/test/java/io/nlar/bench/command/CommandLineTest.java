package io.nlar.bench.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cli.ExitCode;
import io.nlar.cli.Run;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** This module's commands in the command line of {@code nlar}. */
class CommandLineTest {

  @Test
  void theyAreFoundBesideTheOthers() {
    Run run = Run.of("--help");
    assertEquals(ExitCode.OK, run.status());
    for (String command : List.of("bench", "devices", "jmh", "replay", "verify")) {
      assertTrue(run.out().contains("\n  " + command + " "), command + " in " + run.out());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench", "jmh"})
  void everyCommandHasHelpWithExitCodes(String command) {
    Run run = Run.of(command, "--help");
    assertEquals(ExitCode.OK, run.status());
    assertTrue(run.out().startsWith("Usage: nlar " + command), run.out());
    assertTrue(run.out().contains("Exit status:"), run.out());
    assertTrue(run.out().contains("--verbose"), run.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bench --backend=", "bench --size=", "bench --size=0", "bench --size=99999999Ti",
      "bench --seconds=0", "bench --seconds=x", "bench --dtype=", "bench --json=", "bench --chart=", "bench --python=",
      "bench --quick --full", "jmh -f many", "jmh NoSuchBenchmark"})
  void aWrongCommandLineHasItsOwnExitStatus(String line) {
    Run run = Run.of(line.split(" "));
    assertEquals(ExitCode.USAGE, run.status(), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
    assertFalse(run.err().contains("try again"), run.err());
  }

  /** What is right by its form and is not there is a failure of the machine, not of the command line. */
  @Test
  void whatIsNotThereIsAFailure() {
    Run run = Run.of("bench", "--backend=cpu,tpu", "--json", "absent/bench.json");
    assertEquals(ExitCode.FAILED, run.status(), run.err());
  }
}
