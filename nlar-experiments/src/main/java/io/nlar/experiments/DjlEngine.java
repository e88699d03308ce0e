package io.nlar.experiments;

import ai.djl.engine.Engine;
import io.nlar.bench.cli.CommandFailedException;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Starts DJL's PyTorch engine: natives from the class path, unpacked once into a folder of Nlar's own. */
final class DjlEngine {
  private static final String CACHE = "DJL_CACHE_DIR";
  /** Kept, for loggers are forgotten with their level when nobody holds them. */
  private static final Logger LOGGER = Logger.getLogger("ai.djl");

  private DjlEngine() {}

  /** The engine; starts it where it does not run yet. */
  static Engine start() {
    LOGGER.setLevel(Level.SEVERE);
    if (System.getenv(CACHE) == null && System.getProperty(CACHE) == null) {
      String caches = System.getenv("XDG_CACHE_HOME");
      Path folder = caches == null || caches.isBlank()
          ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(caches);
      System.setProperty(CACHE, folder.resolve("nlar").resolve("djl").toString());
    }
    // DJL reports its use to its makers otherwise.
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      return Engine.getEngine("PyTorch");
    } catch (RuntimeException | LinkageError failure) {
      throw new CommandFailedException("DJL's PyTorch engine does not start on " + System.getProperty("os.name") + " "
          + System.getProperty("os.arch") + " (" + failure + "). Its natives are built for one platform: build with"
          + " -Ddjl.natives=linux-x86_64, linux-aarch64, osx-aarch64 or win-x86_64", failure);
    }
  }

  /** DJL's and PyTorch's versions, for people. */
  static String version() {
    return "DJL " + Engine.getDjlVersion() + ", PyTorch " + start().getVersion();
  }
}
