package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DeviceInfo;
import io.nlar.DeviceUnavailableException;
import io.nlar.spi.Preference;
import io.nlar.spi.Probe;
import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jocl.CL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Probing says what is there, or what is missing and how to mend it; absence is tried out in a JVM of its own. */
class ProbeTest {
  @TempDir
  Path directory;

  /** Prints what the probe says, and what opening the device throws. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) {
      System.out.println(new OpenClBackend().probe());
      try {
        Backends.open("opencl").close();
        System.out.println("opened");
      } catch (DeviceUnavailableException e) {
        System.out.println("refused: " + e.getMessage());
      }
      System.out.println("temporary files: " + System.getProperty("java.io.tmpdir"));
    }
  }

  private String probeWith(Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("-Djava.io.tmpdir=" + directory));
    all.addAll(List.of(options));
    return ChildJava.run(Main.class, environment, all, List.of(), Duration.ofMinutes(1));
  }

  @Test
  void theProbeDescribesTheDevices() {
    DeviceFacts facts = TestDevices.facts();
    Probe.Available available = (Probe.Available) new OpenClBackend().probe();
    DeviceInfo first = available.devices().getFirst();
    assertEquals("opencl:0", first.selector());
    assertTrue(first.name().contains(facts.name()), first.name());
    assertEquals(facts.cpu(), first.nativeMemory());
    assertFalse(first.heapMemory());
    assertEquals(facts.cpu() ? Preference.OPENCL_CPU : Preference.OPENCL_GPU, new OpenClBackend().preference(first));
  }

  @Test
  void nativesAreUnpackedPrivatelyAndLeaveNothing() throws IOException, InterruptedException {
    TestDevices.facts();
    String output = probeWith(Map.of());
    assertTrue(output.contains("opened"), output);
    assertTrue(output.contains("temporary files: " + directory), output);
    try (var files = Files.list(directory)) {
      assertEquals(0, files.filter(file -> !file.getFileName().toString().startsWith("hsperf")).count());
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only there is the loader found through LD_LIBRARY_PATH")
  void withoutALoaderTheReasonNamesIt() throws IOException, InterruptedException {
    for (String name : new String[] {"libOpenCL.so", "libOpenCL.so.1"}) {
      Files.writeString(directory.resolve(name), "not a library");
    }
    String output = probeWith(Map.of("LD_LIBRARY_PATH", directory.toString()));
    assertTrue(output.contains("Unavailable[reason=no OpenCL loader"), output);
    assertTrue(output.contains("install one, such as the package ocl-icd-libopencl1"), output);
    assertTrue(output.contains("refused: the device 'opencl' is not available"), output);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only the loaders there know OCL_ICD_VENDORS")
  void withoutAPlatformTheReasonNamesOne() throws IOException, InterruptedException {
    TestDevices.facts();
    String output = probeWith(Map.of("OCL_ICD_VENDORS", directory.resolve("nowhere").toString()));
    assertTrue(output.contains("Unavailable[reason=the OpenCL loader knows no device"), output);
    assertTrue(output.contains("pocl-opencl-icd"), output);
    assertTrue(output.contains("refused: the device 'opencl' is not available"), output);
  }

  @Test
  void withoutAPlaceForTheNativesTheReasonNamesIt() throws IOException, InterruptedException {
    TestDevices.facts();
    String missing = directory.resolve("nowhere").toString();
    String output = probeWith(Map.of(), "-Djava.io.tmpdir=" + missing);
    assertTrue(output.contains("Unavailable[reason=JOCL's native library cannot be unpacked"), output);
    assertTrue(output.contains("NoSuchFileException"), output);
    assertTrue(output.contains("start Java with -Djava.io.tmpdir=FOLDER"), output);
    assertTrue(output.contains(missing), output);
  }

  @Test
  void withoutNativesForThePlatformTheReasonNamesIt() throws IOException, InterruptedException {
    TestDevices.facts();
    String output = probeWith(Map.of(), "-Dos.arch=abacus");
    assertTrue(output.contains("Unavailable[reason=JOCL's native library for"), output);
    assertTrue(output.contains("on abacus cannot be loaded"), output);
    assertTrue(output.contains("refused: the device 'opencl' is not available"), output);
  }

  @Test
  void gpusComeBeforeCpusEachInTheirOrder() {
    DeviceFacts real = TestDevices.facts();
    DeviceFacts cpu = TestDevices.with(real, Map.of("name", "a CPU", "type", CL.CL_DEVICE_TYPE_CPU));
    DeviceFacts gpu = TestDevices.with(real, Map.of("name", "a GPU", "type", CL.CL_DEVICE_TYPE_GPU));
    DeviceFacts other = TestDevices.with(real, Map.of("name", "a card", "type", CL.CL_DEVICE_TYPE_ACCELERATOR));
    Platforms.Choice choice = Platforms.choose(List.of(cpu, gpu, other), List.of());
    assertEquals(List.of(gpu, other, cpu), choice.devices());
    Probe.Available available = (Probe.Available) choice.probe();
    assertEquals(List.of("opencl:0", "opencl:1", "opencl:2"),
        available.devices().stream().map(DeviceInfo::selector).toList());
    assertEquals(List.of("a GPU", "a card", "a CPU"),
        available.devices().stream().map(info -> info.name().split(",")[0]).toList());
    assertEquals(List.of(false, false, true), available.devices().stream().map(DeviceInfo::nativeMemory).toList());
    assertEquals(List.of(), available.remarks());
  }

  @Test
  void whatIsLeftOutIsARemarkBesideWhatIsFound() {
    DeviceFacts good = TestDevices.with(TestDevices.facts(), Map.of("name", "a good device"));
    DeviceFacts plain = TestDevices.with(good, Map.of("name", "a plain device", "doubles", 0L));
    DeviceFacts inexact = TestDevices.withoutRoundedDivision(TestDevices.with(good, Map.of("name", "an inexact one")));
    Platforms.Choice choice = Platforms.choose(List.of(plain, inexact, good), List.of("a platform is left out"));
    assertEquals(List.of(inexact, good), choice.devices());
    List<String> remarks = ((Probe.Available) choice.probe()).remarks();
    assertEquals(3, remarks.size(), remarks::toString);
    assertEquals("a platform is left out", remarks.get(0));
    assertTrue(remarks.get(1).startsWith("a plain device (" + good.platform() + ") is left out: it has no binary64"));
    assertTrue(remarks.get(2).startsWith("an inexact one does not round float32 quotients correctly"));
  }

  @Test
  void whereNothingIsUsableTheRemarksAreTheReason() {
    DeviceFacts plain = TestDevices.with(TestDevices.facts(), Map.of("name", "a plain device", "doubles", 0L));
    Platforms.Choice choice = Platforms.choose(List.of(plain), List.of("a platform is left out"));
    assertEquals(List.of(), choice.devices());
    String reason = ((Probe.Unavailable) choice.probe()).reason();
    assertTrue(reason.startsWith("a platform is left out; a plain device ("), reason);
    Probe none = Platforms.choose(List.of(), List.of()).probe();
    assertTrue(((Probe.Unavailable) none).reason().contains("pocl-opencl-icd"));
  }

  private static void assertRefused(String why, String component, Object value) {
    DeviceFacts facts = TestDevices.with(TestDevices.facts(), Map.of(component, value));
    assertTrue(facts.refusal().orElseThrow().contains(why), facts.refusal()::toString);
  }

  @Test
  void devicesThatWouldGiveOtherBitsAreRefused() {
    DeviceFacts facts = TestDevices.facts();
    assertTrue(facts.refusal().isEmpty());
    assertTrue(TestDevices.withoutRoundedDivision(facts).refusal().isEmpty());
    assertRefused("binary64", "doubles", 0L);
    for (String type : new String[] {"singles", "doubles"}) {
      long config = type.equals("singles") ? facts.singles() : facts.doubles();
      assertRefused("subnormal", type, config & ~CL.CL_FP_DENORM);
      assertRefused("nearest even", type, config & ~CL.CL_FP_ROUND_TO_NEAREST);
      assertRefused("infinities", type, config & ~CL.CL_FP_INF_NAN);
    }
    assertRefused("CL_DEVICE_AVAILABLE", "available", false);
    assertRefused("compiler", "compiler", false);
    assertRefused("byte order", "littleEndian", !facts.littleEndian());
    assertRefused("OpenCL 1.2 is needed", "version", "OpenCL 1.1 of old");
    DeviceFacts small = TestDevices.with(facts, Map.of("type", CL.CL_DEVICE_TYPE_GPU, "largestGroup", 16L));
    assertTrue(small.refusal().orElseThrow().contains("work-groups of 32"));
  }
}
