package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Noise;
import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.TensorSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saving to channels and restoring from them: the same bytes and checks as with files. */
public interface StateChannelContract extends ContractSupport {

  private List<GroupSpec> groups() {
    StepConfig config = StepConfig.nlarcm().withNoise(new Noise.Frozen(5)).withNoiseScale(0.01);
    return List.of(GroupSpec.of(config, types().getFirst(), new TensorSpec("a", 1100), new TensorSpec("b", 3)),
        GroupSpec.of(StepConfig.adamw(), types().getLast(), new TensorSpec("c", 33)));
  }

  private DeviceModel model() {
    return new DeviceModel(device(), groups(), Layout.ALLOCATED);
  }

  private void run(DeviceModel model, int steps) {
    for (int i = 0; i < steps; i++) {
      HostValues.write(model.gradient("b"), i, -0.5, 0.25);
      model.step().run(1, 1);
    }
  }

  private static byte[] saved(Step step) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    step.save(Channels.newChannel(bytes));
    return bytes.toByteArray();
  }

  private static ReadableByteChannel channel(byte[] bytes) {
    return Channels.newChannel(new ByteArrayInputStream(bytes));
  }

  @Test
  default void aChannelGetsTheBytesOfAFile(@TempDir Path folder) throws IOException {
    try (DeviceModel model = model()) {
      run(model, 3);
      Path file = folder.resolve("state");
      model.step().save(file);
      assertArrayEquals(Files.readAllBytes(file), saved(model.step()));
    }
  }

  @Test
  default void aStateGoesThroughAnEntryOfAZip(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.zip");
    try (DeviceModel first = model(); DeviceModel second = model()) {
      run(first, 3);
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
        zip.putNextEntry(new ZipEntry("state"));
        first.step().save(Channels.newChannel(zip));
        zip.putNextEntry(new ZipEntry("more"));
        zip.write(1);
      }
      try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
        zip.getNextEntry();
        second.step().restore(Channels.newChannel(zip), Restore.STRICT);
        assertEquals("more", zip.getNextEntry().getName(), "the stream is open, and behind the state");
      }
      assertArrayEquals(saved(first.step()), saved(second.step()));
    }
  }

  @Test
  default void aChannelWithAPositionIsReadFromThere(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model");
    try (DeviceModel first = model(); DeviceModel second = model()) {
      run(first, 3);
      try (SeekableByteChannel channel = Files.newByteChannel(Files.write(file, new byte[100]),
          StandardOpenOption.APPEND)) {
        first.step().save(channel);
      }
      try (SeekableByteChannel channel = Files.newByteChannel(file)) {
        channel.position(100);
        second.step().restore(channel, Restore.STRICT);
        assertEquals(channel.size(), channel.position());
      }
      assertArrayEquals(saved(first.step()), saved(second.step()));
    }
  }

  @Test
  default void whatIsDamagedIsRefusedAndNothingChanges() throws IOException {
    try (DeviceModel first = model(); DeviceModel second = model()) {
      run(first, 3);
      run(second, 1);
      byte[] before = saved(second.step());
      byte[] bytes = saved(first.step());
      for (int wrong : new int[] {3, 100, bytes.length - 1}) {
        byte[] damaged = bytes.clone();
        damaged[wrong] ^= 1;
        StateFileException refused = assertThrows(StateFileException.class,
            () -> second.step().restore(channel(damaged), Restore.STRICT));
        assertTrue(refused.getMessage().startsWith("cannot restore from a channel: "), refused.getMessage());
      }
      assertArrayEquals(before, saved(second.step()));
    }
  }

  @Test
  default void aChannelThatFailsLeavesTheStepUsable() throws IOException {
    try (DeviceModel model = model()) {
      run(model, 2);
      byte[] before = saved(model.step());
      WritableByteChannel full = new WritableByteChannel() {
        @Override
        public int write(ByteBuffer source) throws IOException {
          throw new IOException("the bucket is full");
        }

        @Override
        public boolean isOpen() {
          return true;
        }

        @Override
        public void close() {}
      };
      assertEquals("the bucket is full", assertThrows(IOException.class, () -> model.step().save(full)).getMessage());
      model.step().restore(channel(before), Restore.STRICT);
      assertEquals(1100, model.step().state("a", Slot.VELOCITY).length());
      run(model, 1);
    }
  }
}
