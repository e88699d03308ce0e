package io.nlar.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nlar.DType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompiledSourceTest {
  @TempDir
  private Path folder;

  @Test
  void withoutACompilerTheReasonIsSaid() {
    for (String path : new String[] {null, "", "/nowhere"}) {
      CompiledSource attempt = CompiledSource.compile(path, "passes.c");
      assertNull(attempt.library());
      assertEquals("there is no C compiler (cc, gcc, clang)", attempt.problem().orElseThrow());
    }
  }

  @Test
  void aCompilerThatFailsIsQuoted() throws IOException {
    Path compiler = Files.writeString(folder.resolve("cc"), "#!/bin/sh\necho 'unknown option -O3' >&2\nexit 4\n");
    assertTrue(compiler.toFile().setExecutable(true));
    CompiledSource attempt = CompiledSource.compile(folder.toString(), "passes.c");
    assertNull(attempt.library());
    assertEquals(compiler + " failed: unknown option -O3", attempt.problem().orElseThrow());
  }

  @Test
  void aLibraryThatCannotBeLoadedIsSaid() throws IOException {
    Path compiler = Files.writeString(folder.resolve("gcc"), "#!/bin/sh\ntrue\n");
    assertTrue(compiler.toFile().setExecutable(true));
    String problem = CompiledSource.compile(folder.toString(), "passes.c").problem().orElseThrow();
    assertTrue(problem.startsWith("passes.c could not be compiled with " + compiler), problem);
  }

  @Test
  void vectorsAreNoWiderThanTheJvms() throws Throwable {
    CompiledSource source = CompiledStep.source(DType.FLOAT32);
    assumeTrue(source.problem().isEmpty(), () -> source.problem().orElseThrow());
    long bits = 8 * (long) source.function("vector_bytes", ValueLayout.JAVA_LONG).invokeExact();
    assertTrue(bits <= JvmVectors.bits().orElseThrow(), bits + " bits");
  }

  @Test
  void aCompilerIsHeldToTheWidthOfTheJvm() {
    assertEquals(List.of(), CompiledSource.noWider(512, "amd64"));
    assertEquals(List.of("-mno-avx512f"), CompiledSource.noWider(256, "amd64"));
    assertEquals(List.of("-mno-avx"), CompiledSource.noWider(128, "x86_64"));
    assertEquals(List.of(), CompiledSource.noWider(128, "aarch64"));
  }
}
