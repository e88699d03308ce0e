package io.nlar.cuda;

import io.nlar.spi.UnpackedNatives;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandles;
import jcuda.CudaException;

/** NVIDIA's driver library, and JCuda's natives. */
final class NativeLibraries {
  private static final UnpackedNatives JCUDA = new UnpackedNatives("JCuda", CudaException.class, MethodHandles.lookup(),
      "update the NVIDIA driver, and check that jcuda-natives for this system is on the class path");

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
   * Initialises a class of JCuda, which loads its library.
   *
   * @throws io.nlar.DeviceUnavailableException if the library or something it needs is missing
   */
  static void initialise(String className) {
    JCUDA.initialise(className);
  }
}
