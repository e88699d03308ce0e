package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.DeviceOptions;
import io.nlar.DeviceUnavailableException;
import io.nlar.SettingException;
import io.nlar.cpu.kernel.Memory;
import io.nlar.cpu.kernel.Takeover;
import io.nlar.spi.Probe;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuSettingsTest {
  private static final boolean VECTORS = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

  private static <T> T with(String property, String value, Supplier<T> action) {
    String before = System.getProperty(property);
    System.setProperty(property, value);
    try {
      return action.get();
    } finally {
      if (before == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, before);
      }
    }
  }

  private static Probe probe() {
    return Backends.probe().get("cpu");
  }

  @Test
  void theProcessorIsAlwaysThere() {
    Probe.Available available = assertInstanceOf(Probe.Available.class, probe());
    assertEquals(1, available.devices().size());
    DeviceInfo info = available.devices().getFirst();
    assertEquals("cpu:0", info.selector());
    assertEquals(4, info.types().size());
    assertTrue(info.heapMemory() && info.nativeMemory());
    assertTrue(info.memoryBytes() >= 1L << 28, "memory: " + info.memoryBytes());
    assertTrue(!info.name().isBlank());
  }

  @Test
  void theProbeSaysWhyTheScalarKernelIsUsed() {
    Probe.Available asked =
        assertInstanceOf(Probe.Available.class, with(CpuSettings.VECTOR, "scalar", CpuSettingsTest::probe));
    assertTrue(asked.remarks().getFirst().contains("-Dnlar.cpu.vector=scalar"));
    Probe.Available automatic =
        assertInstanceOf(Probe.Available.class, with(CpuSettings.VECTOR, "", CpuSettingsTest::probe));
    if (VECTORS) {
      assertTrue(automatic.remarks().isEmpty(), automatic.remarks()::toString);
    } else {
      assertTrue(automatic.remarks().getFirst().contains("--add-modules jdk.incubator.vector"));
    }
  }

  @Test
  void numbersOfThreadsAreRead() {
    assertEquals(3, with(CpuSettings.THREADS, "3", CpuSettings::read).threads());
    assertEquals(Runtime.getRuntime().availableProcessors(), with(CpuSettings.THREADS, " ", CpuSettings::read).threads());
  }

  @ParameterizedTest
  @CsvSource({"nlar.cpu.threads, 0", "nlar.cpu.threads, -1", "nlar.cpu.threads, many", "nlar.cpu.threads, 1025",
      "nlar.cpu.threads, 2147483648", "nlar.cpu.vector, 64",
      "nlar.cpu.vector, 1024", "nlar.cpu.vector, wide", "nlar.cpu.vectors-after, -1", "nlar.cpu.vectors-after, soon"})
  void nonsenseIsRefusedWithWhatWouldDo(String property, String value) {
    Probe.Unavailable unavailable =
        assertInstanceOf(Probe.Unavailable.class, with(property, value, CpuSettingsTest::probe));
    assertTrue(unavailable.reason().contains(property) && unavailable.reason().contains("'" + value + "'"),
        unavailable.reason());
    DeviceUnavailableException refused = assertThrows(DeviceUnavailableException.class,
        () -> with(property, value, () -> Backends.open("cpu")));
    assertTrue(refused.getMessage().contains(property), refused.getMessage());
  }

  @Test
  void vectorsAreTakenWhereTheProcessorHasFusedMultiplyAdds() {
    assertTrue(Machine.fusesMultiplyAdds(Optional.of("flags\t\t: fpu sse4_2 fma avx2")));
    assertFalse(Machine.fusesMultiplyAdds(Optional.of("flags\t\t: fpu fma4 avx2")));
    assertTrue(Machine.fusesMultiplyAdds(Optional.empty()));
  }

  @Test
  void aForcedWidthIsTakenOrRefused() {
    int widest = VECTORS ? Math.min(512, CpuSettings.VectorApi.preferredBits()) : 0;
    for (int bits : new int[] {128, 256, 512}) {
      if (bits <= widest) {
        assertEquals(bits, with(CpuSettings.VECTOR, "" + bits, CpuSettings::read).vectorBits());
      } else {
        assertThrows(IllegalArgumentException.class, () -> with(CpuSettings.VECTOR, "" + bits, CpuSettings::read));
      }
    }
  }

  @Test
  void aDeviceIsOpenedWithItsOwnNumberOfThreads() {
    try (Device two = Backends.open("cpu", DeviceOptions.defaults().withThreads(2))) {
      ((CpuDevice) two).scratch(1); // the last member's memory
      assertThrows(ArrayIndexOutOfBoundsException.class, () -> ((CpuDevice) two).scratch(2));
    }
    SettingException refused = assertThrows(SettingException.class,
        () -> Backends.open("cpu", DeviceOptions.defaults().withThreads(1025)));
    assertTrue(refused.getMessage().contains("1 to 1024 threads, not 1025"), refused.getMessage());
  }

  @Test
  void aKernelIsNeverGivenMoreElementsThanItTakes() {
    CpuSettings.Cut most = new CpuSettings.Cut(Memory.MOST_ELEMENTS / 2, Memory.MOST_ELEMENTS / 2, 0);
    assertEquals(Memory.MOST_ELEMENTS, most.chunk() + most.claim());
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class,
        () -> new CpuSettings.Cut(Memory.MOST_ELEMENTS / 2, Memory.MOST_ELEMENTS / 2 + 1, 0));
    assertTrue(refused.getMessage().contains("more than the " + Memory.MOST_ELEMENTS), refused.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new CpuSettings.Cut(1000, 1, 0));
  }

  @Test
  void theDeviceSaysWhichKernelsRun() {
    Supplier<String> kernels = () -> ((Probe.Available) probe()).devices().getFirst().kernels();
    assertEquals("scalar", with(CpuSettings.VECTOR, "scalar", kernels));
    if (VECTORS && CpuSettings.VectorApi.preferredBits() >= 256) {
      assertEquals("vectors of 256 bits, scalar for the first 5 elements",
          with(CpuSettings.VECTOR, "256", () -> with(Takeover.PROPERTY, "5", kernels)));
    }
  }
}
