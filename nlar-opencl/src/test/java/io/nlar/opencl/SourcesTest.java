package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What compilers other than this machine's would stumble over. */
class SourcesTest {

  /** A C99 function that is only inline may be compiled as a call of a function that is nowhere. */
  @Test
  void inlineFunctionsAreStatic() {
    Pattern bare = Pattern.compile("(?<!static )\\binline\\b.*");
    for (String source : List.of(Sources.CHECK, Sources.REDUCE, Sources.apply("nlarcm"), Sources.apply("adamw"))) {
      assertEquals(List.of(), bare.matcher(source).results().map(found -> found.group()).toList());
    }
  }
}
