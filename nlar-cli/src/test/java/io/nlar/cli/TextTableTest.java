package io.nlar.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TextTableTest {

  @Test
  void alignsAndDoesNotCountColours() {
    String table = new TextTable("NAME", ">GB/s", "END")
        .row("copy", "57.0", "\u001b[32mpass\u001b[39m")
        .row("θ", 1234, "x")
        .toString();
    assertEquals(String.join(System.lineSeparator(),
        "NAME  GB/s  END",
        "copy  57.0  \u001b[32mpass\u001b[39m",
        "θ     1234  x"), table);
  }

  @Test
  void everyRowHasAllColumns() {
    assertThrows(IllegalArgumentException.class, () -> new TextTable("A", "B").row("a"));
  }
}
