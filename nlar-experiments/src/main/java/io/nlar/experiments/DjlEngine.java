package io.nlar.experiments;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.nlar.cli.CommandFailedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Starts DJL's PyTorch engine: natives from the class path, unpacked once into a folder of Nlar's own. */
public final class DjlEngine {
  private static final String CACHE = "DJL_CACHE_DIR";
  /** What the system says of a folder from which no library can be loaded: noexec, first of all. */
  private static final List<String> FOLDER_REFUSES = List.of(
      "failed to map segment", "Operation not permitted", "Permission denied", "No space left", "Read-only file system");
  private static final String THREADS = "ai.djl.pytorch.num_threads";
  /** Kept, for loggers are forgotten with their level when nobody holds them. */
  private static final Logger LOGGER = Logger.getLogger("ai.djl");

  private static boolean started;

  private DjlEngine() {}

  /** The engine; starts it where it does not run yet. */
  static synchronized Engine start() {
    LOGGER.setLevel(Level.SEVERE);
    if (System.getenv(CACHE) == null && System.getProperty(CACHE) == null) {
      System.setProperty(CACHE, cache("djl").toString());
    }
    // DJL reports its use to its makers otherwise.
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      Engine engine = Engine.getEngine("PyTorch");
      if (!started) {
        started = true;
        warnInSilence();
      }
      return engine;
    } catch (RuntimeException | LinkageError failure) {
      throw new CommandFailedException("DJL's PyTorch engine does not start on " + System.getProperty("os.name") + " "
          + System.getProperty("os.arch") + ": " + explanation(failure), failure);
    }
  }

  /** A folder of Nlar's own for what is fetched or unpacked once. */
  static Path cache(String name) {
    String caches = System.getenv("XDG_CACHE_HOME");
    Path folder = caches == null || caches.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(caches);
    return folder.resolve("nlar").resolve(name);
  }

  /** The innermost cause, and what to do about it. */
  static String explanation(Throwable failure) {
    Throwable innermost = failure;
    while (innermost.getCause() != null && innermost.getCause() != innermost) {
      innermost = innermost.getCause();
    }
    String cause = innermost.toString();
    boolean folder = innermost instanceof IOException || FOLDER_REFUSES.stream().anyMatch(cause::contains);
    String cache = System.getenv(CACHE) == null ? System.getProperty(CACHE) : System.getenv(CACHE);
    return cause + (folder
        ? ". Its natives are unpacked into " + cache + ": let the variable " + CACHE + ", or XDG_CACHE_HOME, name a folder"
            + " that this user can write, with space, on a file system that is not mounted noexec"
        : ". Its natives are built for one platform: build with -Ddjl.natives=linux-x86_64, linux-aarch64, osx-aarch64 or"
            + " win-x86_64");
  }

  /**
   * PyTorch warns once, on the process's standard error, of what DJL does inside it. That first time happens here, while
   * standard error leads nowhere.
   */
  private static void warnInSilence() {
    try (var _ = ErrorSilence.begin(); NDManager manager = NDManager.newBaseManager("PyTorch");
        NDArray array = manager.zeros(new Shape(1))) {
      array.set(new float[] {1});
    }
  }

  /** The engine for an experiment: on one thread where that is faster and the user has not chosen. */
  static Engine startFor(Experiment experiment) {
    return experiment.small() ? startWithThreads(1) : start();
  }

  /** The engine on this many threads, where it does not run yet and the user has not chosen. */
  public static Engine startWithThreads(int threads) {
    if (System.getProperty(THREADS) == null) {
      System.setProperty(THREADS, Integer.toString(threads));
    }
    return start();
  }

  /** DJL's and PyTorch's versions, for people. */
  static String version() {
    return "DJL " + Engine.getDjlVersion() + ", PyTorch " + start().getVersion();
  }
}
