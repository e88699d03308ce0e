package io.nlar.opencl;

import io.nlar.DeviceUnavailableException;
import io.nlar.spi.UnpackedNatives;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.jocl.CLException;

/** Loads JOCL's native library. */
final class Natives {
  private static final UnpackedNatives JOCL = new UnpackedNatives("JOCL", CLException.class, MethodHandles.lookup(),
      "update the OpenCL loader, such as the package ocl-icd-libopencl1, or use another backend");

  private Natives() {}

  /**
   * Loads the library once; afterwards does nothing.
   *
   * @throws DeviceUnavailableException if no OpenCL loader is installed, there is no place to unpack JOCL's library, or
   *     it cannot be loaded; the message says which, and the remedy
   */
  static void load() {
    checkLoader();
    JOCL.initialise("org.jocl.CL");
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
}
