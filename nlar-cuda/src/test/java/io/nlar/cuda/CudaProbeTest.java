package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DeviceUnavailableException;
import io.nlar.spi.Backend;
import io.nlar.spi.Probe;
import java.util.ServiceLoader;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.Test;

/** Finding GPUs, on machines with and without one. */
class CudaProbeTest {

  @Test
  void theBackendIsFoundByTheServiceLoader() {
    assertTrue(ServiceLoader.load(Backend.class).stream().anyMatch(p -> p.type() == CudaBackend.class));
    assertEquals("cuda", new CudaBackend().name());
  }

  @Test
  void probingNeverThrowsAndAbsenceComesWithItsRemedy() {
    for (int repeat = 0; repeat < 3; repeat++) {
      switch (new CudaBackend().probe()) {
        case Probe.Available available -> assertTrue(
            available.devices().stream().allMatch(device -> device.memoryBytes() > 0 && !device.name().isBlank()));
        case Probe.Unavailable unavailable -> {
          assertTrue(unavailable.reason().matches(
              "(?s).*(install|update|check|allowed|use OpenCL).*"), unavailable.reason());
          if (!NativeLibraries.driverPresent()) {
            assertTrue(unavailable.reason().contains(NativeLibraries.driverLibrary()), unavailable.reason());
          }
        }
      }
    }
  }

  @Test
  void probingLeavesTheTemporaryDirectoryAlone() {
    String before = System.getProperty("java.io.tmpdir");
    new CudaBackend().probe();
    assertEquals(before, System.getProperty("java.io.tmpdir"));
  }

  @Test
  void openingWhatIsNotThereSaysWhy() {
    DeviceUnavailableException refused =
        assertThrows(DeviceUnavailableException.class, () -> Backends.open("cuda:4711"));
    assertTrue(refused.getMessage().contains("cuda"), refused.getMessage());
    assertThrows(DeviceUnavailableException.class, () -> Cuda.device(4711, 0));
  }

  @Test
  void aStreamIsMadeFromItsHandle() {
    assertEquals(Pointers.stream(0x7f00_1234_5678L), Pointers.stream(0x7f00_1234_5678L));
    assertNotEquals(new CUstream(), Pointers.stream(1));
    assertEquals(new CUstream(), Pointers.stream(0));
  }
}
