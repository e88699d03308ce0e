package io.nlar.cuda;

import io.nlar.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import jcuda.driver.CUresult;

/**
 * A GPU's name, asked for without JCuda: that takes a Java array for it, of which some JVMs (and all under
 * {@code -Xcheck:jni}) give native code a copy, and JCuda has the copy thrown away.
 */
final class GpuName {
  private static final int LONGEST = 256;

  private GpuName() {}

  static String of(int ordinal) {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup driver = SymbolLookup.libraryLookup(NativeLibraries.driverLibrary(), arena);
      Linker linker = Linker.nativeLinker();
      MemorySegment device = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment text = arena.allocate(LONGEST);
      int result = (int) linker.downcallHandle(driver.findOrThrow("cuDeviceGet"), FunctionDescriptor.of(
          ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT)).invokeExact(device, ordinal);
      if (result == CUresult.CUDA_SUCCESS) {
        result = (int) linker.downcallHandle(driver.findOrThrow("cuDeviceGetName"), FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
            .invokeExact(text, LONGEST, device.get(ValueLayout.JAVA_INT, 0));
      }
      CudaErrors.check(result, "asking for the name of GPU " + ordinal);
      String name = text.getString(0, StandardCharsets.UTF_8).strip();
      if (name.isEmpty()) {
        throw new DeviceException("the NVIDIA driver answers without a name for GPU " + ordinal);
      }
      return name;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("functions of the driver do not throw", e);
    }
  }
}
