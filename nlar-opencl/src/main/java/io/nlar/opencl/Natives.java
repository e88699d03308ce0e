package io.nlar.opencl;

import io.nlar.DeviceUnavailableException;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jocl.CL;

/**
 * Loads JOCL's native library.
 *
 * <p>JOCL unpacks it under a fixed name into {@code java.io.tmpdir} and loads whatever lies there already. On a machine
 * with several users that is another user's file as likely as not, so for the moment of loading the property points to
 * a new directory that only this user can write.
 */
final class Natives {
  private static final String TEMPORARY = "java.io.tmpdir";
  private static DeviceUnavailableException failure;
  private static boolean loaded;

  private Natives() {}

  /**
   * Loads the library once; afterwards does nothing.
   *
   * @throws DeviceUnavailableException if no OpenCL loader is installed, there is no place to unpack JOCL's library, or
   *     it cannot be loaded; the message says which, and the remedy
   */
  static synchronized void load() {
    if (failure != null) {
      throw new DeviceUnavailableException(failure.getMessage(), failure.getCause());
    }
    checkLoader();
    if (!loaded) {
      Path directory = privateDirectory();
      try {
        loadFrom(directory);
        loaded = true;
      } catch (LinkageError | RuntimeException e) {
        // A class that failed to initialise stays so.
        failure = new DeviceUnavailableException("JOCL's native library for " + System.getProperty("os.name") + " on "
            + System.getProperty("os.arch") + " cannot be loaded (" + firstLine(e) + "); where JOCL has none for this"
            + " platform, use another backend", e);
        throw failure;
      }
    }
  }

  /** JOCL complains to standard error where there is no loader, and cannot try again; so it is looked for first. */
  private static void checkLoader() {
    List<String> names = switch (System.mapLibraryName("OpenCL")) {
      case "OpenCL.dll" -> List.of("OpenCL.dll");
      case "libOpenCL.dylib" -> List.of("/System/Library/Frameworks/OpenCL.framework/Versions/Current/OpenCL");
      default -> List.of("libOpenCL.so.1", "libOpenCL.so");
    };
    for (String name : names) {
      try (Arena arena = Arena.ofConfined()) {
        SymbolLookup.libraryLookup(name, arena);
        return;
      } catch (IllegalArgumentException e) {
        // not under this name
      }
    }
    throw new DeviceUnavailableException("no OpenCL loader can be loaded (none of " + String.join(", ", names)
        + "); install one, such as the package ocl-icd-libopencl1, and a driver");
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("").strip();
  }

  private static Path privateDirectory() {
    try {
      return Files.createTempDirectory("nlar-opencl");
    } catch (IOException e) {
      throw new DeviceUnavailableException("JOCL's native library cannot be unpacked (" + e + "); let "
          + TEMPORARY + " name a directory that this user can write", e);
    }
  }

  private static void loadFrom(Path directory) {
    String before = System.getProperty(TEMPORARY);
    System.setProperty(TEMPORARY, directory.toString());
    try {
      CL.stringFor_errorCode(CL.CL_SUCCESS);
    } finally {
      System.setProperty(TEMPORARY, before);
      remove(directory.toFile());
    }
  }

  /** A loaded library needs its file no more, except on Windows: there it goes when the JVM ends. */
  private static void remove(File directory) {
    File[] files = directory.listFiles();
    directory.deleteOnExit();
    if (files != null) {
      for (File file : files) {
        if (!file.delete()) {
          file.deleteOnExit();
        }
      }
    }
    directory.delete();
  }
}
