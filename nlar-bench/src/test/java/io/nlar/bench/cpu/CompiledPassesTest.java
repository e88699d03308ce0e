package io.nlar.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompiledPassesTest {
  @TempDir
  private Path folder;

  @Test
  void withoutACompilerTheReasonIsSaid() {
    for (String path : new String[] {null, "", "/nowhere"}) {
      CompiledPasses.Attempt attempt = CompiledPasses.attempt(path);
      assertNull(attempt.passes());
      assertEquals("there is no C compiler (cc, gcc, clang)", attempt.problem().orElseThrow());
    }
  }

  @Test
  void aCompilerThatFailsIsQuoted() throws IOException {
    Path compiler = Files.writeString(folder.resolve("cc"), "#!/bin/sh\necho 'unknown option -O3' >&2\nexit 4\n");
    assertTrue(compiler.toFile().setExecutable(true));
    CompiledPasses.Attempt attempt = CompiledPasses.attempt(folder.toString());
    assertNull(attempt.passes());
    assertEquals(compiler + " failed: unknown option -O3", attempt.problem().orElseThrow());
  }

  @Test
  void aLibraryThatCannotBeLoadedIsSaid() throws IOException {
    Path compiler = Files.writeString(folder.resolve("gcc"), "#!/bin/sh\ntrue\n");
    assertTrue(compiler.toFile().setExecutable(true));
    String problem = CompiledPasses.attempt(folder.toString()).problem().orElseThrow();
    assertTrue(problem.startsWith("they could not be compiled with " + compiler), problem);
  }
}
