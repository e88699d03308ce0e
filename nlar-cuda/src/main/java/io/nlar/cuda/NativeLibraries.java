package io.nlar.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Loads JCuda's native libraries from a private directory. JCuda unpacks them under fixed names into
 * {@code java.io.tmpdir} and reuses what lies there, so that on a shared machine another user's file would be loaded.
 */
final class NativeLibraries {
  private static final String TEMPORARY_DIRECTORY = "java.io.tmpdir";

  /** Classes that were initialised, with what came of it: null, or the first failure (later ones say less). */
  private static final Map<String, LinkageError> OUTCOMES = new HashMap<>();

  private NativeLibraries() {}

  /** The file name of NVIDIA's driver library on this system. */
  static String driverLibrary() {
    return System.getProperty("os.name", "").startsWith("Windows") ? "nvcuda.dll" : "libcuda.so.1";
  }

  /** Whether NVIDIA's driver is installed; tells it without unpacking anything. */
  static boolean driverPresent() {
    try (Arena arena = Arena.ofConfined()) {
      return SymbolLookup.libraryLookup(driverLibrary(), arena).find("cuInit").isPresent();
    } catch (IllegalArgumentException absent) {
      return false;
    }
  }

  /**
   * Initialises a class of JCuda, which loads its library. The property with the temporary directory is changed while
   * that happens.
   *
   * @throws LinkageError if the library or something it needs is missing
   */
  static synchronized void initialise(String className) {
    if (!OUTCOMES.containsKey(className)) {
      try {
        load(className);
        OUTCOMES.put(className, null);
      } catch (LinkageError failure) {
        OUTCOMES.put(className, failure);
      }
    }
    LinkageError failure = OUTCOMES.get(className);
    if (failure != null) {
      throw failure;
    }
  }

  private static void load(String className) {
    String before = System.getProperty(TEMPORARY_DIRECTORY);
    Path directory;
    try {
      directory = Files.createTempDirectory("nlar-jcuda-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a directory under " + before + " to unpack JCuda's libraries in", e);
    }
    System.setProperty(TEMPORARY_DIRECTORY, directory.toString());
    try {
      Class.forName(className, true, NativeLibraries.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new NoClassDefFoundError(className + " is missing: put jcuda on the class path");
    } finally {
      System.setProperty(TEMPORARY_DIRECTORY, before);
      delete(directory);
    }
  }

  /** A loaded library stays mapped when its file goes; where the system forbids that, the file goes at exit. */
  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> {
        if (!file.toFile().delete()) {
          file.toFile().deleteOnExit();
        }
      });
    } catch (IOException | UncheckedIOException left) {
      System.getLogger(NativeLibraries.class.getName())
          .log(System.Logger.Level.DEBUG, "unpacked libraries stay in " + directory, left);
    }
  }
}
