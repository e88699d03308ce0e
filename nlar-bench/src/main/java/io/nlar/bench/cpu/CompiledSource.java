package io.nlar.bench.cpu;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * C code from this package's resources, compiled on the spot by the machine's own compiler, for this processor but with
 * vectors no wider than this JVM's.
 *
 * @param library its functions; null where that failed
 * @param problem why it failed
 */
record CompiledSource(SymbolLookup library, Optional<String> problem) {
  private static final List<String> COMPILERS = List.of("cc", "gcc", "clang");
  private static final List<String> OPTIONS = List.of("-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC");
  private static final int COMPILE_SECONDS = 60;

  /**
   * Compiles a resource with the first compiler of the variable PATH. The library stays until the program ends.
   *
   * @param options what the compiler is told beside the usual
   */
  static CompiledSource of(String source, String... options) {
    return compile(System.getenv("PATH"), source, options);
  }

  /** The same with the first compiler of {@code path} (folders as in the variable PATH). */
  static CompiledSource compile(String path, String source, String... options) {
    Path compiler = find(path);
    if (compiler == null) {
      return failed("there is no C compiler (" + String.join(", ", COMPILERS) + ")");
    }
    try {
      // Only its owner may look into such a folder.
      Path folder = Files.createTempDirectory("nlar-bench");
      Path copy = folder.resolve(source);
      Path library = folder.resolve(System.mapLibraryName("compiled"));
      Path log = folder.resolve("log");
      try {
        try (InputStream in = CompiledSource.class.getResourceAsStream(source)) {
          Files.write(copy, in.readAllBytes());
        }
        List<String> command = new ArrayList<>(List.of(compiler.toString()));
        command.addAll(OPTIONS);
        JvmVectors.bits().ifPresent(bits -> command.addAll(noWider(bits, System.getProperty("os.arch"))));
        command.addAll(List.of(options));
        command.addAll(List.of("-o", library.toString(), copy.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (!process.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          return failed(compiler + " did not end within " + COMPILE_SECONDS + " seconds");
        }
        if (process.exitValue() != 0) {
          return failed(compiler + " failed: " + Files.readString(log).strip().lines().findFirst().orElse("no message"));
        }
        return new CompiledSource(SymbolLookup.libraryLookup(library, Arena.global()), Optional.empty());
      } finally {
        for (Path file : List.of(copy, library, log, folder)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | RuntimeException failure) {
      return failed(source + " could not be compiled with " + compiler + ": " + failure.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed("interrupted while it was compiled");
    }
  }

  /**
   * What keeps a compiler from vectors wider than those of this JVM, as under {@code -XX:UseAVX=2}: what is compared is what
   * two compilers make of the same instructions.
   */
  static List<String> noWider(int vectorBits, String architecture) {
    return switch (architecture) {
      case "amd64", "x86_64" -> vectorBits >= 512 ? List.of() : vectorBits >= 256 ? List.of("-mno-avx512f") : List.of("-mno-avx");
      default -> List.of();
    };
  }

  private static CompiledSource failed(String problem) {
    return new CompiledSource(null, Optional.of(problem));
  }

  private static Path find(String path) {
    for (String name : COMPILERS) {
      for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
        Path program = Path.of(folder).resolve(name);
        if (Files.isExecutable(program) && !Files.isDirectory(program)) {
          return program;
        }
      }
    }
    return null;
  }

  /**
   * A function of it.
   *
   * @param result null for none
   */
  MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(name),
        result == null ? FunctionDescriptor.ofVoid(arguments) : FunctionDescriptor.of(result, arguments));
  }
}
