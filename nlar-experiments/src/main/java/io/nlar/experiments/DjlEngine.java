package io.nlar.experiments;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import ai.djl.engine.Engine;
import io.nlar.bench.cli.CommandFailedException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Starts DJL's PyTorch engine: natives from the class path, unpacked once into a folder of Nlar's own. */
final class DjlEngine {
  private static final String CACHE = "DJL_CACHE_DIR";
  private static final String THREADS = "ai.djl.pytorch.num_threads";
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
    quietPyTorch();
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

  /** PyTorch warns on standard error of what DJL does inside it; its C++ code reads the environment when it starts. */
  private static void quietPyTorch() {
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle setenv = linker.downcallHandle(linker.defaultLookup().findOrThrow("setenv"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
      int ignored = (int) setenv.invokeExact(arena.allocateFrom("TORCH_CPP_LOG_LEVEL"), arena.allocateFrom("ERROR"), 0);
    } catch (Throwable unavailable) {
      LOGGER.log(Level.FINE, "PyTorch's warnings stay", unavailable); // no setenv here, as on Windows: they are harmless
    }
  }

  /** The engine for an experiment: on one thread where that is faster and the user has not chosen. */
  static Engine startFor(Experiment experiment) {
    if (experiment.small() && System.getProperty(THREADS) == null) {
      System.setProperty(THREADS, "1");
    }
    return start();
  }

  /** DJL's and PyTorch's versions, for people. */
  static String version() {
    return "DJL " + Engine.getDjlVersion() + ", PyTorch " + start().getVersion();
  }
}
