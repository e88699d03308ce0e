package io.nlar.bench.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Loads JCublas, whose natives need CUDA 12's libcublas. */
final class Cublas {
  private static final String LIBRARY = "jcuda.jcublas.JCublas2";
  private static final String TEMPORARY_FOLDER = "java.io.tmpdir";
  private static Optional<String> problem;

  private Cublas() {}

  /** Why cuBLAS cannot be used; empty if it can, and is loaded. */
  static synchronized Optional<String> problem() {
    if (problem == null) {
      try {
        load();
        problem = Optional.empty();
      } catch (LinkageError | ClassNotFoundException failure) {
        problem = Optional.of("JCublas cannot be loaded; it needs libcublas.so.12 of the CUDA 12 runtime ("
            + String.valueOf(failure.getMessage()).lines().findFirst().orElse("") + ")");
      }
    }
    return problem;
  }

  /** JCuda unpacks natives under fixed names into the temporary folder and trusts what lies there: it gets one of its own. */
  private static void load() throws ClassNotFoundException {
    String before = System.getProperty(TEMPORARY_FOLDER);
    try {
      Path folder = Files.createTempDirectory("nlar-jcublas");
      System.setProperty(TEMPORARY_FOLDER, folder.toString());
      Class.forName(LIBRARY);
      try (var files = Files.list(folder)) {
        files.forEach(file -> file.toFile().deleteOnExit());
      }
      folder.toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      System.setProperty(TEMPORARY_FOLDER, before);
    }
  }
}
