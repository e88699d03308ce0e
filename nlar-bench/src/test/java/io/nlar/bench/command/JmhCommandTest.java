package io.nlar.bench.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.bench.jmh.SmallStep;
import io.nlar.cli.ExitCode;
import io.nlar.cli.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  /** In this JVM and as short as can be: the figures mean nothing, but they are there. */
  @Test
  void figuresAreKeptInJmhsOwnJson(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("jmh.json");
    Run run = Run.of("jmh", "SmallStep.reduce", "-f", "0", "-wi", "0", "-i", "1", "-r", "10ms", "-p", "size=0", "-v",
        "SILENT", "-rf", "json", "-rff", file.toString());
    assertEquals(ExitCode.OK, run.status(), run.err());
    Map<?, ?> result = (Map<?, ?>) JSON.std.listFrom(Files.readString(file)).getFirst();
    assertEquals(SmallStep.class.getName() + ".reduce", result.get("benchmark"));
    assertEquals("ns/op", ((Map<?, ?>) result.get("primaryMetric")).get("scoreUnit"));
  }
}
