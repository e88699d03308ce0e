package io.nlar.opencl;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
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
  private static Throwable failure;
  private static boolean loaded;

  private Natives() {}

  /**
   * Loads the library once; afterwards does nothing.
   *
   * @throws LinkageError if JOCL has no library for this platform, or no OpenCL loader is installed
   */
  static synchronized void load() {
    if (failure != null) {
      throw linkageError(failure);
    }
    checkLoader();
    if (!loaded) {
      try {
        loadPrivately();
        loaded = true;
      } catch (LinkageError | RuntimeException e) {
        failure = e;
        throw linkageError(e);
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
    throw new UnsatisfiedLinkError("none of " + String.join(", ", names) + " can be loaded");
  }

  private static LinkageError linkageError(Throwable cause) {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError(cause.getMessage());
    error.initCause(cause);
    return error;
  }

  private static void loadPrivately() {
    Path directory;
    try {
      directory = Files.createTempDirectory("nlar-opencl");
    } catch (IOException e) {
      throw new UncheckedIOException("no private directory for JOCL's native library", e);
    }
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
