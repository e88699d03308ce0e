package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Restore;
import io.nlar.StateFileException;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.TensorSpec;
import io.nlar.testkit.process.ChildJava;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State files with headers of tens of megabytes, and tensors of a hundred: saving and restoring take memory for the step, not for the file. */
class LargeStateHeaderTest {
  private static final String HEAP = "-Xmx128m";

  private static List<GroupSpec> groups(TensorSpec... tensors) {
    return List.of(GroupSpec.of(StepConfig.nlarcm(), DType.FLOAT32, tensors));
  }

  /** Restores a file into a step that shares one parameter of its. */
  static final class RestoreOne {
    public static void main(String[] arguments) throws IOException {
      Path file = Path.of(arguments[0]);
      try (ReferenceDevice device = new ReferenceDevice();
          DeviceModel model = new DeviceModel(device, groups(new TensorSpec("w", 0)), Layout.ALLOCATED)) {
        String message =
            assertThrows(StateFileException.class, () -> model.step().restore(file, Restore.STRICT)).getMessage();
        assertTrue(message.contains("a parameter 'p0' that the step has not") && message.contains(" more"), message);
        model.step().restore(file, Restore.MATCHING);
        System.out.println("restored " + model.step().stats().applied());
      }
    }
  }

  @Test
  void aLargeHeaderTakesLittleMemory(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("state");
    try (ReferenceDevice device = new ReferenceDevice();
        DeviceModel model = new DeviceModel(device, groups(new TensorSpec("w", 0)), Layout.ALLOCATED)) {
      model.step().run(1, 1);
      model.step().save(file);
    }
    StateFileBytes one = StateFileBytes.of(Files.readAllBytes(file));
    StringBuilder names = new StringBuilder();
    StringBuilder tensors = new StringBuilder();
    for (int i = 0; tensors.length() + names.length() < 60_000_000; i++) {
      names.append(",\\\"p").append(i).append("\\\"");
      tensors.append(",\"p").append(i).append("/rate\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    String text = one.text().strip();
    Files.write(file, one.withText(text.substring(0, text.length() - 1).replace("\\\"w\\\"", "\\\"w\\\"" + names) + tensors
        + "}").file());
    assertTrue(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong() > 60_000_000);
    assertEquals("restored 1", ChildJava.run(RestoreOne.class, Map.of(), List.of(HEAP), List.of(file.toString()),
        Duration.ofSeconds(60)).lines().toList().getLast());
  }

  /** Saves and restores a step of very many long names. */
  static final class ManyNames {
    public static void main(String[] arguments) throws IOException {
      Path file = Path.of(arguments[0]);
      TensorSpec[] tensors = IntStream.range(0, 20_500)
          .mapToObj(i -> new TensorSpec("n".repeat(1000 - 5) + (10_000 + i), 0))
          .toArray(TensorSpec[]::new);
      try (ReferenceDevice device = new ReferenceDevice();
          DeviceModel model = new DeviceModel(device, groups(tensors), Layout.ALLOCATED)) {
        Buffer applied = model.step().control().slice(Control.APPLIED.ordinal(), 1);
        HostValues.write(applied, 7);
        model.step().save(file);
        HostValues.write(applied, 0);
        model.step().restore(file, Restore.STRICT);
        System.out.println("restored " + model.step().stats().applied());
      }
    }
  }

  @Test
  void manyLongNamesAreSavedAndRestored(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("state");
    assertEquals("restored 7", ChildJava.run(ManyNames.class, Map.of(), List.of(HEAP), List.of(file.toString()),
        Duration.ofSeconds(60)).lines().toList().getLast());
    assertTrue(Files.size(file) > 80_000_000);
  }

  /** A file of 96 MiB, in 48 MiB of heap and 2 MiB beside it: as {@link RestoreOne}, with more that the step has not. */
  @Test
  void largeTensorsTakeLittleMemory(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("state");
    try (ReferenceDevice device = new ReferenceDevice();
        DeviceModel model = new DeviceModel(device, groups(new TensorSpec("w", 0)), Layout.ALLOCATED)) {
      model.step().run(1, 1);
      model.step().save(file);
    }
    StateFileBytes one = StateFileBytes.of(Files.readAllBytes(file));
    int length = 96 << 20;
    StringBuilder names = new StringBuilder();
    StringBuilder tensors = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      names.append(",\\\"p").append(i).append("\\\"");
      tensors.append(",\"p").append(i).append("/rate\":{\"dtype\":\"F32\",\"shape\":[").append(i == 0 ? length / 4 : 0)
          .append("],\"data_offsets\":[").append(i == 0 ? 0 : length).append(',').append(length).append("]}");
    }
    String text = one.text().strip();
    Files.write(file, new StateFileBytes(one.header(), new byte[length]).withText(
        text.substring(0, text.length() - 1).replace("\\\"w\\\"", "\\\"w\\\"" + names) + tensors + "}").file());
    assertEquals("restored 1", ChildJava.run(RestoreOne.class, Map.of(), List.of("-Xmx48m", "-XX:MaxDirectMemorySize=2m"),
        List.of(file.toString()), Duration.ofSeconds(60)).lines().toList().getLast());
  }
}
