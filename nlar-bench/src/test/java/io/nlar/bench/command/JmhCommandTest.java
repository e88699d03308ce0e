package io.nlar.bench.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.bench.jmh.SmallStep;
import io.nlar.cli.ExitCode;
import io.nlar.cli.Run;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JmhCommandTest {

  /** The list is written by an annotation processor; without it there is nothing to run. -l runs nothing. */
  @Test
  void listsTheBenchmarks() {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Run run;
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      run = Run.of("jmh", "-l");
    } finally {
      System.setOut(before);
    }
    assertEquals(ExitCode.OK, run.status(), run.err());
    String list = printed.toString(StandardCharsets.UTF_8);
    for (String benchmark : new String[] {"run", "runAndAwait", "reduce"}) {
      assertTrue(list.contains(SmallStep.class.getName() + "." + benchmark + System.lineSeparator()), list);
    }
  }
}
