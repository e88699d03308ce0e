package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Estimator;
import io.nlar.Noise;
import io.nlar.Precision;
import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.TensorSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State of parts in files: however many workers saved it, any number of them restores it. */
public interface PartFileContract extends PartSupport {

  private List<GroupSpec> groups() {
    return List.of(
        GroupSpec.of(StepConfig.nlarcm().withNoise(new Noise.Frozen(3)), anyType(), new TensorSpec("a", 9000),
            new TensorSpec("tiny", 5)),
        GroupSpec.of(StepConfig.nlarbb().withRule(new Estimator.Nlarbb(0.1, 0.1, 0.05, 1)).withNoise(new Noise.Fresh(4)), anyType(),
            new TensorSpec("b", 4096)),
        GroupSpec.of(StepConfig.scheduleFree(), anyType(), new TensorSpec("c", 3000), new TensorSpec("none", 0)),
        GroupSpec.of(StepConfig.nlarsf(), anyType(), new TensorSpec("d", 5000), new TensorSpec("e", 10)));
  }

  private void train(DeviceModel whole, Workers parts, int steps, long seed) {
    for (int step = 0; step < steps; step++) {
      long own = seed + step;
      parts.setGradients(whole, tensor -> numbers(anyType(), tensor.length(), own * 31 + tensor.name().hashCode()));
      whole.step().run(1, 0.5);
      parts.run(1, 0.5);
    }
  }

  private List<Path> save(Path folder, Workers parts) throws IOException {
    parts.learn();
    List<Path> files = new ArrayList<>();
    for (DeviceModel model : parts.models()) {
      files.add(folder.resolve("worker-" + files.size() + ".safetensors"));
      model.step().save(files.getLast());
    }
    return files;
  }

  private Workers workers(int count, long seed) {
    return new Workers(device(), groups(), Layout.SLICED, count, new SplittableRandom(seed));
  }

  @Test
  default void whatFourWorkersSavedAnyNumberRestores(@TempDir Path folder) throws IOException {
    try (DeviceModel whole = new DeviceModel(device(), groups(), Layout.SLICED); Workers four = workers(4, 1)) {
      four.setValues(whole, tensor -> numbers(anyType(), tensor.length(), 7));
      train(whole, four, 3, 1);
      List<Path> files = save(folder, four);
      whole.step().save(folder.resolve("whole"));
      for (int count : new int[] {1, 2, 8}) {
        try (Workers others = workers(count, 10 + count); DeviceModel same = new DeviceModel(device(), groups(), Layout.SLICED)) {
          others.setValues(same, tensor -> HostValues.read(whole.value(tensor.name())));
          for (DeviceModel model : others.models()) {
            model.step().restore(count == 2 ? files.reversed() : files, Restore.STRICT);
          }
          same.step().restore(files, Restore.STRICT); // on one machine
          assertSameState("restored by " + count, same, others);
          assertSameState("restored by " + count + ", as it was saved", whole, others);
          same.step().save(folder.resolve("merged"));
          assertEquals(-1, Files.mismatch(folder.resolve("whole"), folder.resolve("merged")));
          train(same, others, 2, 100);
          others.learn();
          assertSameBits("trained on by " + count, same, others);
        }
      }
      try (Workers others = workers(3, 5)) {
        others.setValues(whole, tensor -> HostValues.read(whole.value(tensor.name())));
        for (DeviceModel model : others.models()) {
          model.step().restore(folder.resolve("whole"), Restore.STRICT);
        }
        assertSameState("from a file of all", whole, others);
      }
    }
  }

  /** Files that threads read together: a part's bytes go where they belong there too. */
  @Test
  default void partsOfLargeFilesGoToTheirPlaces(@TempDir Path folder) throws IOException {
    TensorSpec w = new TensorSpec("w", 800_001);
    int cut = 400_384;
    StepConfig config = StepConfig.nlarcm();
    List<Slot> slots = List.of(Slot.VELOCITY, Slot.RATE, Slot.WEIGHT);
    try (DeviceModel whole = new DeviceModel(device(), List.of(GroupSpec.of(config, anyType(), w)), Layout.SLICED);
        DeviceModel first = part(config, w, 0, cut); DeviceModel second = part(config, w, cut, w.length());
        DeviceModel again = new DeviceModel(device(), List.of(GroupSpec.of(config, anyType(), w)), Layout.SLICED)) {
      for (Slot slot : slots) {
        HostValues.write(whole.step().state("w", slot), numbers(anyType(), w.length(), slot.ordinal()));
      }
      List<Path> files = List.of(folder.resolve("first"), folder.resolve("second"));
      whole.step().save(folder.resolve("whole"));
      for (DeviceModel model : List.of(first, second)) {
        model.step().restore(folder.resolve("whole"), Restore.STRICT);
        model.step().save(files.get(model == first ? 0 : 1));
      }
      again.step().restore(files, Restore.STRICT);
      for (Slot slot : slots) {
        double[] expected = HostValues.read(whole.step().state("w", slot));
        assertSameBits("first " + slot, Arrays.copyOf(expected, cut), HostValues.read(first.step().state("w", slot)));
        assertSameBits("second " + slot, Arrays.copyOfRange(expected, cut, w.length()),
            HostValues.read(second.step().state("w", slot)));
        assertSameBits("again " + slot, expected, HostValues.read(again.step().state("w", slot)));
      }
    }
  }

  @Test
  default void channelsOfAllWorkersRestoreAsFilesDo() throws IOException {
    try (DeviceModel whole = new DeviceModel(device(), groups(), Layout.SLICED); Workers two = workers(2, 2);
        DeviceModel again = new DeviceModel(device(), groups(), Layout.SLICED)) {
      train(whole, two, 2, 5);
      two.learn();
      List<ReadableByteChannel> channels = new ArrayList<>();
      for (DeviceModel model : two.models()) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        model.step().save(Channels.newChannel(out));
        channels.add(Channels.newChannel(new ByteArrayInputStream(out.toByteArray())));
      }
      again.step().restoreAll(channels, Restore.STRICT);
      two.setValues(again, tensor -> HostValues.read(whole.value(tensor.name())));
      assertSameState("from channels", again, two);
    }
  }

  @Test
  default void whatDoesNotFitTogetherIsNamedAndChangesNothing(@TempDir Path folder) throws IOException {
    TensorSpec w = new TensorSpec("w", 5000);
    StepConfig config = StepConfig.nlarcm();
    try (DeviceModel first = part(config, w, 0, 2048); DeviceModel middle = part(config, w, 2048, 4096);
        DeviceModel last = part(config, w, 4096, 5000); DeviceModel wide = part(config, w, 1024, 4096);
        DeviceModel other = part(config.withWeightDecay(0.5), w, 2048, 4096);
        DeviceModel longer = part(config, new TensorSpec("w", 6000), 2048, 4096);
        DeviceModel whole = new DeviceModel(device(), List.of(GroupSpec.of(config, anyType(), w)), Layout.SLICED)) {
      List<Path> files = new ArrayList<>();
      for (DeviceModel model : List.of(first, middle, last, wide, other, longer)) {
        files.add(folder.resolve("file-" + files.size()));
        model.step().save(files.getLast());
      }
      HostValues.write(middle.step().control().slice(Control.APPLIED.ordinal(), 1), 3);
      Path later = folder.resolve("later");
      middle.step().save(later);
      double[] before = HostValues.read(whole.step().state("w", Slot.RATE));
      refused(whole, List.of(), "all workers");
      refused(whole, List.of(files.get(0), files.get(2)), "elements 2048 to 4095", "'w'", "5000", "none of the files");
      refused(whole, List.of(files.get(0), files.get(1)), "elements 4096 to 4999", "'w'");
      refused(whole, List.of(files.get(1)), "elements 0 to 2047", "'w'", "not in the file");
      refused(whole, List.of(files.get(0), files.get(3), files.get(2)), "1024", "'w'", "file-0", "file-3");
      refused(whole, List.of(files.get(0), files.get(4), files.get(2)), "other settings", "'w'", "file-4", "file-0");
      refused(whole, List.of(files.get(0), files.get(5), files.get(2)), "6000", "5000", "w/velocity");
      refused(whole, List.of(files.get(0), later, files.get(2)), "0 applied", "3 applied", "later");
      byte[] torn = Files.readAllBytes(files.get(2));
      torn[torn.length - 1] ^= 1;
      Files.write(files.get(5), torn);
      refused(whole, List.of(files.get(0), files.get(1), files.get(5)), "file-5", "checksum");
      assertSameBits("nothing changed", before, HostValues.read(whole.step().state("w", Slot.RATE)));
      whole.step().restore(List.of(files.get(2), files.get(0), files.get(1)), Restore.STRICT);
      middle.step().restore(List.of(files.get(1)), Restore.STRICT); // its own is enough
      assertEquals(0, middle.step().stats().applied());
    }
  }

  private DeviceModel part(StepConfig config, TensorSpec tensor, int from, int to) {
    return new DeviceModel(device(), List.of(GroupSpec.of(config, anyType(), tensor.part(from, to))), Layout.SLICED);
  }

  private void refused(DeviceModel model, List<Path> files, String... words) {
    assertRefused(StateFileException.class, () -> model.step().restore(files, Restore.STRICT), words);
  }

  /** Parts convert as whole tensors do. */
  @Test
  default void partsOfFullStateRestoreAsCompactState(@TempDir Path folder) throws IOException {
    Assumptions.assumeTrue(device().info().types().contains(DType.BFLOAT16));
    TensorSpec w = new TensorSpec("w", 3000);
    StepConfig full = StepConfig.nlarcm();
    StepConfig compact = full.withPrecision(Precision.compact());
    DType type = DType.FLOAT32;
    try (Workers two = new Workers(device(), List.of(GroupSpec.of(full, type, w)), Layout.SLICED, 2, new SplittableRandom(1));
        Workers three =
            new Workers(device(), List.of(GroupSpec.of(compact, type, w)), Layout.SLICED, 3, new SplittableRandom(2));
        DeviceModel whole = new DeviceModel(device(), List.of(GroupSpec.of(full, type, w)), Layout.SLICED);
        DeviceModel narrow = new DeviceModel(device(), List.of(GroupSpec.of(compact, type, w)), Layout.SLICED)) {
      two.setValues(whole, tensor -> numbers(type, tensor.length(), 3));
      two.setGradients(whole, tensor -> numbers(type, tensor.length(), 4));
      whole.step().run(1, 1);
      two.run(1, 1);
      List<Path> files = save(folder, two);
      whole.step().save(folder.resolve("whole"));
      narrow.step().restore(folder.resolve("whole"), Restore.CONVERTING);
      for (DeviceModel model : three.models()) {
        model.step().restore(files, Restore.CONVERTING);
      }
      three.setValues(narrow, tensor -> numbers(type, tensor.length(), 3));
      three.setGradients(narrow, tensor -> numbers(type, tensor.length(), 5));
      narrow.step().run(1, 1);
      three.run(1, 1);
      assertSameBits("converted", narrow, three);
    }
  }
}
