package io.nlar.bench.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The project's scripts in an environment that is not the usual one. */
class ScriptsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @TempDir
  private Path folder;

  private static List<Path> scripts() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT, 2)) {
      return files.filter(Files::isRegularFile).filter(Files::isExecutable).filter(ScriptsTest::isScript).toList();
    }
  }

  private static boolean isScript(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).startsWith("#!/usr/bin/env bash\n");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** An exported CDPATH makes cd print, and go elsewhere; a HOME that is not set ends a script under set -u. */
  @Test
  void noneTrustsCdpathOrHome() throws IOException {
    List<Path> scripts = scripts();
    assertTrue(scripts.size() >= 7, scripts::toString);
    Pattern cd = Pattern.compile("(^|[(;&\\s])cd ", Pattern.MULTILINE);
    for (Path script : scripts) {
      String code = Pattern.compile("^\\s*#.*", Pattern.MULTILINE).matcher(Files.readString(script)).replaceAll("");
      assertTrue(code.contains("set -euo pipefail"), script::toString);
      assertTrue(!cd.matcher(code).find() || code.contains("unset CDPATH"), script + " calls cd with CDPATH as it is");
      assertFalse(Pattern.compile("\\$\\{?HOME\\b(?!:?[-+])").matcher(code).find(), script + " needs HOME");
    }
  }

  private static Process bash(Path folder, String line) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("/bin/bash", "-c", line).directory(folder.toFile())
        .redirectErrorStream(true);
    builder.environment().remove("HOME");
    return builder.start();
  }

  /** Through a link, from another folder, with a trap on CDPATH and blanks in names; nvcc is a script here. */
  @Test
  void theKernelsAreBuiltFromAnywhere() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "there is no /bin/bash");
    Path nvcc = Files.writeString(Files.createDirectories(folder.resolve("bin")).resolve("nvcc"), """
        #!/bin/bash
        while [ "$1" != -o ]; do [ ! -f "$1" ] || source=$1; shift; done
        [ -n "$source" ] && printf '.version 9.0\\n// %s\\n' "$source" >"$2"
        """);
    assertTrue(nvcc.toFile().setExecutable(true));
    Files.createDirectories(folder.resolve("trap/src/main"));
    Files.createDirectories(folder.resolve("trap/a link"));
    for (String module : List.of("nlar-bench", "nlar-cuda")) {
      Path link = Files.createDirectories(folder.resolve("a link")).resolve(module);
      Files.createSymbolicLink(link, ROOT.resolve(module).resolve("build-ptx"));
      Process process = bash(folder, "export CDPATH=$PWD/trap PATH=\"$PWD/bin:$PATH\"; 'a link/" + module + "' 'an "
          + module + "'");
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), said);
      Files.delete(link);
      try (Stream<Path> files = Files.list(folder.resolve("an " + module))) {
        List<Path> built = files.toList();
        assertFalse(built.isEmpty());
        for (Path file : built) {
          assertTrue(Files.readString(file).contains("\n.version 7.0\n// src/main/resources/"), file::toString);
        }
      }
    }
  }
}
