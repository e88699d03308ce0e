package io.nlar.bench.cpu;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The passes in C, compiled for this processor on the spot by the machine's own compiler. */
final class CompiledPasses implements PassKernel {
  private static final List<String> COMPILERS = List.of("cc", "gcc", "clang");
  private static final String SOURCE = "passes.c";
  private static final int COMPILE_SECONDS = 60;

  private static final Attempt ATTEMPT = attempt(System.getenv("PATH"));

  private final MethodHandle reduce;
  private final MethodHandle apply;

  /**
   * What became of compiling them.
   *
   * @param passes null where it failed
   * @param compiler the program that did it; null where there is none
   * @param problem why it failed
   */
  record Attempt(CompiledPasses passes, String compiler, Optional<String> problem) {}

  private CompiledPasses(SymbolLookup library) {
    this.reduce = handle(library, "reduce_pass", 1);
    this.apply = handle(library, "apply_pass", 5);
  }

  private static MethodHandle handle(SymbolLookup library, String name, int pointers) {
    List<MemoryLayout> parameters = new ArrayList<>(Collections.nCopies(pointers + 1, ValueLayout.JAVA_LONG));
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_LONG, parameters.toArray(MemoryLayout[]::new)));
  }

  /** The passes, compiled at the first call. */
  static Attempt get() {
    return ATTEMPT;
  }

  /** Compiles with the first compiler of {@code path} (folders as in the variable PATH). */
  static Attempt attempt(String path) {
    Path compiler = find(path);
    if (compiler == null) {
      return new Attempt(null, null, Optional.of("there is no C compiler (" + String.join(", ", COMPILERS) + ")"));
    }
    String problem;
    try {
      // Only its owner may look into such a folder.
      Path folder = Files.createTempDirectory("nlar-bench");
      Path source = folder.resolve(SOURCE);
      Path library = folder.resolve(System.mapLibraryName("passes"));
      Path log = folder.resolve("log");
      try {
        try (InputStream in = CompiledPasses.class.getResourceAsStream(SOURCE)) {
          Files.write(source, in.readAllBytes());
        }
        Process process = new ProcessBuilder(compiler.toString(), "-O3", "-march=native", "-shared", "-fPIC",
            "-o", library.toString(), source.toString())
            .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (!process.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          problem = compiler + " did not end within " + COMPILE_SECONDS + " seconds";
        } else if (process.exitValue() != 0) {
          problem = compiler + " failed: " + Files.readString(log).strip().lines().findFirst().orElse("no message");
        } else {
          return new Attempt(new CompiledPasses(SymbolLookup.libraryLookup(library, Arena.global())),
              compiler.toString(), Optional.empty());
        }
      } finally {
        for (Path file : List.of(source, library, log, folder)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | RuntimeException failure) {
      problem = "they could not be compiled with " + compiler + ": " + failure.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      problem = "interrupted while they were compiled";
    }
    return new Attempt(null, compiler.toString(), Optional.of(problem));
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

  @Override
  public long reduce(long g, long bytes) {
    try {
      return (long) reduce.invokeExact(g, bytes);
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Override
  public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
    try {
      return (long) apply.invokeExact(g, theta, v, rate, weight, bytes);
    } catch (Throwable failure) {
      throw new IllegalStateException(failure);
    }
  }
}
