package io.nlar.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VerifyCommandTest {

  @AfterEach
  void mend() {
    System.clearProperty(BrokenBackend.PROPERTY);
  }

  @Test
  void passesOnTheCpu() {
    Run run = Run.of("verify", "--backend", "cpu", "--dtype", "float32");
    assertEquals(ExitCode.OK, run.status(), run.out() + run.err());
    assertTrue(run.out().contains("33 of 33 traces pass"), run.out());
    assertTrue(run.out().contains("largest error"), run.out());
    assertTrue(run.out().contains("cases agree in every bit"), run.out());
    assertTrue(run.out().stripTrailing().endsWith("all pass"), run.out());
  }

  @Test
  void findsAWrongDevice() {
    System.setProperty(BrokenBackend.PROPERTY, "");
    Run run = Run.of("verify", "--backend", "broken", "--dtype", "float32");
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.out().contains("0 of 33 traces pass"), run.out());
    assertTrue(run.out().contains("step 1: theta of"), "the first difference is shown: " + run.out());
    assertTrue(run.out().stripTrailing().endsWith("FAILED"), run.out());
  }

  @Test
  void aDeviceThatCannotBeOpenedIsAFailureAndTheOthersAreChecked() {
    System.setProperty(BrokenBackend.PROPERTY, BrokenBackend.CLOSED);
    Run run = Run.of("verify", "--backend", "broken,cpu", "--dtype", "float64");
    assertEquals(ExitCode.FAILED, run.status());
    assertTrue(run.out().contains("cannot be checked: it is locked up"), run.out() + run.err());
    assertTrue(run.out().contains("33 of 33 traces pass"), run.out());
    assertTrue(run.out().stripTrailing().endsWith("FAILED"), run.out());
  }
}
