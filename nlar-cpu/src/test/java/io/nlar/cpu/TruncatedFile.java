package io.nlar.cpu;

import io.nlar.BufferException;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceException;
import io.nlar.NlarException;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.StepFailedException;
import io.nlar.testkit.HostValues;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/** Truncates a file that is mapped as a step's gradients, and tells what becomes of the step. */
final class TruncatedFile {
  private static final int ELEMENTS = 200_000;

  private TruncatedFile() {}

  /** Arguments: a folder. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    for (int threads = 1; threads <= 3; threads++) {
      beforeAnythingChanged(folder.resolve("reduced" + threads), threads);
      inTheUpdate(folder.resolve("updated" + threads), threads);
    }
    System.out.println("all as documented");
  }

  /** A file of zeros, mapped and then truncated to its first half. */
  private static MemorySegment truncated(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment mapped = channel.map(MapMode.READ_WRITE, 0, ELEMENTS * 4L, arena);
      channel.truncate(ELEMENTS * 2L);
      return mapped;
    } finally {
      Files.delete(file);
    }
  }

  private static void beforeAnythingChanged(Path file, int threads) throws IOException {
    try (Arena arena = Arena.ofShared(); Device device = Devices.open(threads)) {
      float[] values = new float[ELEMENTS];
      var value = device.wrap(DType.FLOAT32, MemorySegment.ofArray(values));
      var gone = device.wrap(DType.FLOAT32, truncated(file, arena));
      Step step = compile(device, StepConfig.nlarcm(), new Parameter("w", value, gone));
      for (int i = 0; i < 3; i++) {
        fails(DeviceException.class, step::run, "nothing was changed", "mapped file");
        fails(DeviceException.class, step::reduce, "nothing was changed", "mapped file");
      }
      fails(BufferException.class, () -> HostValues.read(gone), "mapped file");
      fails(BufferException.class, () -> HostValues.write(gone, new double[ELEMENTS]), "mapped file");
      require(step.stats().applied() == 0 && Arrays.equals(values, new float[ELEMENTS]), "something has changed");
      float[] gradients = new float[ELEMENTS];
      Arrays.fill(gradients, 1);
      step.rebind(List.of(new Parameter("w", value, device.wrap(DType.FLOAT32, MemorySegment.ofArray(gradients)))));
      step.run();
      require(step.stats().applied() == 1 && values[ELEMENTS - 1] < 0, "the step is of no use any more");
    }
  }

  private static void inTheUpdate(Path file, int threads) throws IOException {
    try (Arena arena = Arena.ofShared(); Device device = Devices.open(threads)) {
      var value = device.allocate(DType.FLOAT32, ELEMENTS);
      var gone = device.wrap(DType.FLOAT32, truncated(file, arena));
      Step step = compile(device, StepConfig.nlarcm().withScaling(new Scaling.Soft(1)), new Parameter("w", value, gone));
      fails(StepFailedException.class, step::run, "undefined", "mapped file");
      fails(StepFailedException.class, step::run, "undefined");
      fails(StepFailedException.class, () -> step.state("w", Slot.RATE), "undefined");
    }
  }

  private static Step compile(Device device, StepConfig config, Parameter parameter) {
    return device.compile(List.of(new ParameterGroup(config, List.of(parameter))));
  }

  private static void fails(Class<? extends NlarException> kind, Runnable call, String... words) {
    try {
      call.run();
    } catch (NlarException failure) {
      for (String word : words) {
        require(kind.isInstance(failure) && failure.getMessage().contains(word), failure.toString());
      }
      return;
    }
    throw new AssertionError("nothing was thrown where " + kind + " was due");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
