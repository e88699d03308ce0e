package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.DeviceException;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs are built once and kept on disk, and nothing that lies there can do harm. */
class ProgramCacheTest {
  @TempDir
  Path directory;

  private static double[] train(BinaryCache cache) {
    try (OpenClDevice device = TestDevices.open(cache)) {
      Buffer value = device.allocate(DType.FLOAT32, 3);
      Buffer gradient = device.allocate(DType.FLOAT32, 3);
      HostValues.write(gradient, 0.5, -0.25, 2);
      try (Step step = device.compile(List.of(
          new ParameterGroup(StepConfig.nlarsm(), List.of(new Parameter("w", value, gradient)))))) {
        step.run(1, 1);
        step.run(1, 1);
        return HostValues.read(value);
      }
    }
  }

  private List<Path> entries() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void programsAreKeptAndUsedAgain() throws IOException {
    double[] first = train(new BinaryCache(directory));
    List<Path> entries = entries();
    assertEquals(2, entries.size(), "one program a pass, and no partial file: " + entries);
    byte[] before = Files.readAllBytes(entries.getFirst());
    assertArrayEquals(first, train(new BinaryCache(directory)));
    assertArrayEquals(before, Files.readAllBytes(entries.getFirst()));
    assertEquals(2, entries().size());
  }

  @Test
  void corruptedEntriesAreRebuilt() throws IOException {
    double[] expected = train(new BinaryCache(directory));
    Path entry = entries().getFirst();
    byte[] whole = Files.readAllBytes(entry);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    for (byte[] damaged : List.of(flipped, new byte[0], new byte[7], Arrays.copyOf(whole, whole.length - 1))) {
      Files.write(entry, damaged);
      assertArrayEquals(expected, train(new BinaryCache(directory)));
      assertTrue(Files.size(entry) > whole.length / 2, "the entry was replaced");
    }
  }

  @Test
  void whatTheDriverRefusesIsRebuilt() throws IOException {
    double[] expected = train(new BinaryCache(directory));
    BinaryCache cache = new BinaryCache(directory);
    Path entry = entries().getFirst();
    String key = entry.getFileName().toString().replace(".bin", "");
    cache.store(key, "a whole entry, but no program".getBytes());
    assertArrayEquals(expected, train(cache));
    assertTrue(cache.load(key).orElseThrow().length > 100, "the entry was replaced");
  }

  @Test
  void aCacheThatCannotBeWrittenDoesNotMatter() throws IOException {
    Path file = Files.createFile(directory.resolve("a file, not a directory"));
    double[] expected = train(new BinaryCache(null));
    assertArrayEquals(expected, train(new BinaryCache(file)));
    assertEquals(0, Files.size(file));
  }

  @Test
  void aNewDirectoryIsTheUsersAlone() throws IOException {
    Assumptions.assumeTrue(directory.getFileSystem().supportedFileAttributeViews().contains("posix"));
    Path inside = directory.resolve("of").resolve("nlar");
    new BinaryCache(inside).store("key", new byte[] {1});
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(inside)));
  }

  @Test
  void emptyProgramsAreNotKept() throws IOException {
    new BinaryCache(directory).store("key", new byte[0]);
    assertEquals(List.of(), entries());
  }

  @Test
  void everyPartCountsInTheKey() {
    assertNotEquals(BinaryCache.key("device", "driver"), BinaryCache.key("device", "driver2"));
    assertNotEquals(BinaryCache.key("ab", "c"), BinaryCache.key("a", "bc"));
    try (OpenClDevice device = TestDevices.open(new BinaryCache(null))) {
      String key = device.programs().key("source", "options");
      assertEquals(key, device.programs().key("source", "options"));
      assertNotEquals(key, device.programs().key("source", "other options"));
      assertNotEquals(key, device.programs().key("other source", "options"));
    }
  }

  @Test
  void thePropertyMovesAndSwitchesOff() {
    String before = System.getProperty(BinaryCache.PROPERTY);
    try {
      System.setProperty(BinaryCache.PROPERTY, directory.toString());
      assertEquals(directory, BinaryCache.ofUser().file("key").getParent());
      System.setProperty(BinaryCache.PROPERTY, "off");
      assertFalse(BinaryCache.ofUser().enabled());
    } finally {
      if (before == null) {
        System.clearProperty(BinaryCache.PROPERTY);
      } else {
        System.setProperty(BinaryCache.PROPERTY, before);
      }
    }
  }

  @Test
  void aFailingBuildShowsTheCompilersLog() throws IOException {
    try (OpenClDevice device = TestDevices.open(new BinaryCache(directory))) {
      DeviceException refused = assertThrows(DeviceException.class, () ->
          device.programs().kernel("broken", "__kernel void broken() { undeclared_name = 1; }", "-DOPTION=1"));
      assertTrue(refused.getMessage().contains("undeclared_name"), refused.getMessage());
      assertTrue(refused.getMessage().contains("-DOPTION=1"), refused.getMessage());
    }
    assertEquals(List.of(), entries());
  }
}
