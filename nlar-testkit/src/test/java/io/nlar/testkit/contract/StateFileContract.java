package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.ParameterException;
import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.TensorSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saving and restoring: the same bits go on, on any backend; what does not fit is named, and nothing has changed. */
public interface StateFileContract extends ContractSupport {

  private static StepConfig frozen() {
    return StepConfig.nlarcm().withNoise(new Noise.Frozen(5)).withNoiseScale(0.01);
  }

  private static List<GroupSpec> groups(DType first, DType second) {
    return List.of(
        GroupSpec.of(frozen(), first, new TensorSpec("a/weight", 1100), new TensorSpec("empty", 0)),
        GroupSpec.of(StepConfig.nlarsm().withNoise(new Noise.Fresh(2, Noise.Distribution.GAUSSIAN)).withNoiseScale(0.1), second,
            new TensorSpec("ünïcode \"b\"", 33), new TensorSpec("c", 7)),
        GroupSpec.of(StepConfig.nlarcm().withMomentum(new Momentum.None()), first, new TensorSpec("stateless", 4)));
  }

  private List<GroupSpec> groups() {
    return groups(types().getFirst(), types().getLast());
  }

  private void advance(ReferenceStep reference, DeviceModel model, int from, int to) {
    for (int number = from; number <= to; number++) {
      feedEqually(reference, model, number);
      reference.run(0.5, 1);
      model.step().run(0.5, 1);
    }
    assertSameBits("run", to, reference, model);
  }

  @Test
  default void aRestoredStepGoesOnWithTheSameBits(@TempDir Path folder) throws IOException {
    ReferenceStep reference = new ReferenceStep(groups());
    Path file = folder.resolve("state.safetensors");
    try (DeviceModel first = new DeviceModel(device(), groups(), Layout.ALLOCATED);
        DeviceModel second = new DeviceModel(device(), groups(), Layout.SLICED)) {
      startEqually(reference, first, 1);
      advance(reference, first, 1, 4);
      first.step().save(file);
      second.setValues(reference);
      second.step().restore(file, Restore.STRICT);
      // These two are of the last run, not of the state.
      setControl(second.step(), Control.NORM, reference.get(Control.NORM));
      setControl(second.step(), Control.COMPLETED, reference.get(Control.COMPLETED));
      advance(reference, second, 5, 8);
      assertEquals(8, second.step().stats().applied());
    }
  }

  @Test
  default void stateMovesBetweenBackendsInMidRun(@TempDir Path folder) throws IOException {
    Device other = openOther().orElse(null);
    Assumptions.assumeTrue(other != null, "no other backend");
    try (other) {
      List<DType> shared = types().stream().filter(other.info().types()::contains).toList();
      Assumptions.assumeFalse(shared.isEmpty(), "the devices share no element type");
      List<GroupSpec> groups = groups(shared.getFirst(), shared.getLast());
      ReferenceStep reference = new ReferenceStep(groups);
      Path file = folder.resolve("state.safetensors");
      try (DeviceModel here = new DeviceModel(device(), groups, Layout.ALLOCATED);
          DeviceModel there = new DeviceModel(other, groups, Layout.ALLOCATED)) {
        startEqually(reference, here, 1);
        advance(reference, here, 1, 3);
        move(here, there, reference, file);
        advance(reference, there, 4, 6);
        move(there, here, reference, file);
        advance(reference, here, 7, 9);
      }
    }
  }

  private void move(DeviceModel from, DeviceModel to, ReferenceStep reference, Path file) throws IOException {
    from.step().save(file);
    to.setValues(reference);
    to.step().restore(file, Restore.STRICT);
    HostValues.write(to.step().control(), reference.control());
  }

  @Test
  default void skippedStepsAreRestoredToo(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    List<GroupSpec> one = List.of(GroupSpec.of(StepConfig.nlarsm(), anyType(), new TensorSpec("w", 1)));
    try (DeviceModel first = new DeviceModel(device(), one, Layout.ALLOCATED);
        DeviceModel second = new DeviceModel(device(), one, Layout.ALLOCATED)) {
      first.step().run(1, 1);
      HostValues.write(first.gradient("w"), Double.NaN);
      first.step().run(1, 1);
      first.step().save(file);
      second.step().restore(file, Restore.STRICT);
      assertEquals(1, second.step().stats().applied());
      assertEquals(1, second.step().stats().skipped());
    }
  }

  @Test
  default void theOrderOfTensorsAndGroupsDoesNotMatter(@TempDir Path folder) throws IOException {
    List<GroupSpec> reordered = groups().reversed().stream()
        .map(group -> new GroupSpec(group.config(), group.type(), group.tensors().reversed()))
        .toList();
    ReferenceStep reference = new ReferenceStep(groups());
    Path file = folder.resolve("state");
    try (DeviceModel first = new DeviceModel(device(), groups(), Layout.ALLOCATED);
        DeviceModel second = new DeviceModel(device(), reordered, Layout.ALLOCATED)) {
      startEqually(reference, first, 1);
      advance(reference, first, 1, 3);
      first.step().save(file);
      second.step().restore(file, Restore.STRICT);
      reference.tensors().forEach(tensor -> {
        for (Slot slot : Slot.values()) {
          if (tensor.state(slot) != null) {
            assertSameBits(tensor.spec().name() + " " + slot, tensor.state(slot),
                HostValues.read(second.step().state(tensor.spec().name(), slot)));
          }
        }
      });
    }
  }

  @Test
  default void matchingRestoresWhatFileAndStepShare(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    DType type = anyType();
    List<GroupSpec> saved =
        List.of(GroupSpec.of(frozen(), type, new TensorSpec("shared", 40), new TensorSpec("gone", 8)));
    List<GroupSpec> restored = List.of(GroupSpec.of(frozen().withWeightDecay(0.1).withLearningRate(0.7), type,
        new TensorSpec("new", 8), new TensorSpec("shared", 40)));
    ReferenceStep reference = new ReferenceStep(saved);
    try (DeviceModel first = new DeviceModel(device(), saved, Layout.ALLOCATED);
        DeviceModel second = new DeviceModel(device(), restored, Layout.ALLOCATED)) {
      startEqually(reference, first, 1);
      advance(reference, first, 1, 3);
      first.step().save(file);
      assertRefused(StateFileException.class, () -> second.step().restore(file, Restore.STRICT),
          "'gone'", "'new'", "weightDecay");
      second.step().restore(file, Restore.MATCHING);
      assertEquals(3, second.step().stats().applied());
      for (Slot slot : frozen().slots()) {
        assertSameBits("shared " + slot, reference.tensor("shared").state(slot),
            HostValues.read(second.step().state("shared", slot)));
      }
      double[] start = new double[8];
      Arrays.fill(start, type.round(0.7));
      assertSameBits("new", start, HostValues.read(second.step().state("new", Slot.RATE)));
      assertEquals(0.1, second.step().config(0).weightDecay());
    }
  }

  /** A file of AdamW says nothing of Nesterov's momentum, as it always did; the means are the same with it. */
  @Test
  default void theMeansOfAdamwGoOnUnderNadamw(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    List<GroupSpec> adamw = List.of(GroupSpec.of(StepConfig.adamw(), anyType(), new TensorSpec("a", 33)));
    List<GroupSpec> nadamw = List.of(GroupSpec.of(StepConfig.nadamw(), anyType(), new TensorSpec("a", 33)));
    ReferenceStep reference = new ReferenceStep(adamw);
    try (DeviceModel first = new DeviceModel(device(), adamw, Layout.ALLOCATED);
        DeviceModel second = new DeviceModel(device(), nadamw, Layout.ALLOCATED)) {
      startEqually(reference, first, 1);
      advance(reference, first, 1, 3);
      first.step().save(file);
      assertFalse(Files.readString(file, StandardCharsets.ISO_8859_1).contains("nesterov"));
      assertRefused(StateFileException.class, () -> second.step().restore(file, Restore.STRICT), "'a'", "nesterov");
      second.step().restore(file, Restore.MATCHING);
      for (Slot slot : List.of(Slot.MEAN, Slot.SQUARE)) {
        assertSameBits(slot.label(), reference.tensor("a").state(slot), HostValues.read(second.step().state("a", slot)));
      }
      second.step().save(file);
      assertRefused(StateFileException.class, () -> first.step().restore(file, Restore.STRICT), "nesterov");
      second.step().restore(file, Restore.STRICT);
    }
  }

  @Test
  default void filesThatDoNotFitAreNamedAndChangeNothing(@TempDir Path folder) throws IOException {
    DType type = anyType();
    Path file = folder.resolve("state");
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel saved = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, saved, 1);
      advance(reference, saved, 1, 2);
      saved.step().save(file);
    }
    GroupSpec a = groups().getFirst();
    refuse(file, Restore.MATCHING, "in common", GroupSpec.of(a.config(), type, new TensorSpec("other", 1100)));
    refuse(file, Restore.MATCHING, "1100", GroupSpec.of(a.config(), type, new TensorSpec("a/weight", 1101)));
    refuse(file, Restore.MATCHING, "estimator",
        GroupSpec.of(StepConfig.nlarsm().withNoise(new Noise.Frozen(5)), type, new TensorSpec("a/weight", 1100)));
    refuse(file, Restore.MATCHING, "noise",
        GroupSpec.of(a.config().withNoise(new Noise.None()), type, new TensorSpec("a/weight", 1100)));
    refuse(file, Restore.STRICT, "noiseDistribution", GroupSpec.of(
        a.config().withNoise(new Noise.Frozen(5, Noise.Distribution.LAPLACE)), type, new TensorSpec("a/weight", 1100)));
    refuse(file, Restore.STRICT, "'c'", a);
    refuse(file, Restore.STRICT, "'more'", GroupSpec.of(a.config(), type, new TensorSpec("more", 1)));
    if (types().size() > 1) {
      refuse(file, Restore.MATCHING, "F64", GroupSpec.of(a.config(), DType.FLOAT64, new TensorSpec("a/weight", 1100)));
    }
  }

  /** Restoring {@code file} into a step of one group fails, says {@code word}, and leaves the step as it was. */
  private void refuse(Path file, Restore mode, String word, GroupSpec group) {
    List<GroupSpec> groups = List.of(group);
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 9);
      advance(reference, model, 1, 1);
      assertRefused(StateFileException.class, () -> model.step().restore(file, mode), word, file.toString());
      assertSameBits("after a refused restore", 1, reference, model);
      advance(reference, model, 2, 2);
    }
  }

  @Test
  default void brokenFilesAreRefusedAndChangeNothing(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    try (DeviceModel saved = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      saved.step().run(1, 1);
      saved.step().save(file);
    }
    byte[] good = Files.readAllBytes(file);
    int header = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, model, 9);
      advance(reference, model, 1, 1);
      for (int length : new int[] {0, 7, 8, 100, 8 + header, good.length - 1}) {
        broken(model, folder, Arrays.copyOf(good, length));
      }
      broken(model, folder, Arrays.copyOf(good, good.length + 1));
      for (int at : new int[] {8, 20, 8 + header / 2, 8 + header, 8 + header + 4000, good.length - 1}) {
        byte[] flipped = good.clone();
        flipped[at] ^= 1;
        broken(model, folder, flipped);
      }
      for (long absurd : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40, good.length, 100_000_001}) {
        byte[] bytes = good.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, absurd);
        broken(model, folder, bytes);
      }
      broken(model, folder, "{\"not\": \"a state\"}".getBytes());
      assertThrows(NoSuchFileException.class, () -> model.step().restore(folder.resolve("none"), Restore.STRICT));
      assertSameBits("after refused restores", 1, reference, model);
      advance(reference, model, 2, 3);
      model.step().restore(file, Restore.STRICT);
    }
  }

  private void broken(DeviceModel model, Path folder, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("broken"), content);
    for (Restore mode : Restore.values()) {
      assertRefused(StateFileException.class, () -> model.step().restore(file, mode), file.toString());
    }
  }

  @Test
  default void savingReplacesTheFileAndLeavesNoOther(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    Files.writeString(file, "something else");
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      model.step().save(file);
      model.step().run(1, 1);
      model.step().save(file);
      model.step().restore(file, Restore.STRICT);
      assertThrows(IOException.class, () -> model.step().save(folder.resolve("no/such/folder")));
      assertEquals(1, model.step().stats().applied());
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  /** The groups of the file that the first version wrote, after three steps. */
  private static List<GroupSpec> firstVersion() {
    return List.of(
        GroupSpec.of(frozen(), DType.FLOAT32, new TensorSpec("a/weight", 65), new TensorSpec("empty", 0)),
        GroupSpec.of(StepConfig.nlarsm().withNoise(new Noise.Fresh(2)).withNoiseScale(0.1), DType.FLOAT64,
            new TensorSpec("ünïcode \"b\"", 33), new TensorSpec("c\\d", 7)),
        GroupSpec.of(StepConfig.nlarcm().withMomentum(new Momentum.None()), DType.FLOAT32,
            new TensorSpec("stateless", 4)));
  }

  @Test
  default void filesOfTheFirstVersionAreRestored(@TempDir Path folder) throws IOException {
    assumeTwoTypes();
    byte[] old;
    try (InputStream in = StateFileContract.class.getResourceAsStream("first-version.safetensors")) {
      old = in.readAllBytes();
    }
    Path file = Files.write(folder.resolve("old"), old);
    ReferenceStep reference = new ReferenceStep(firstVersion());
    ReferenceStep another = new ReferenceStep(firstVersion());
    try (DeviceModel saved = new DeviceModel(device(), firstVersion(), Layout.ALLOCATED);
        DeviceModel restored = new DeviceModel(device(), firstVersion(), Layout.ALLOCATED)) {
      startEqually(reference, saved, 1);
      advance(reference, saved, 1, 3);
      startEqually(another, restored, 5);
      restored.step().restore(file, Restore.STRICT);
      assertSameState(reference, restored);
      assertEquals(3, restored.step().stats().applied());
      restored.step().save(file);
      StateFileBytes again = StateFileBytes.of(Files.readAllBytes(file));
      assertArrayEquals(old, again.inTheFormatBefore().file(), "the same state in the same bytes, but for the format");
    }
  }

  private void assertSameState(ReferenceStep reference, DeviceModel model) {
    reference.tensors().forEach(tensor -> {
      for (Slot slot : Slot.values()) {
        if (tensor.state(slot) != null) {
          assertSameBits(tensor.spec().name() + " " + slot, tensor.state(slot),
              HostValues.read(model.step().state(tensor.spec().name(), slot)));
        }
      }
    });
  }

  /** A header that says something else, under a right checksum. */
  @Test
  default void headersAreCheckedUnderARightChecksumToo(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    List<GroupSpec> one = List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(), new TensorSpec("w", 3)));
    ReferenceStep reference = new ReferenceStep(one);
    try (DeviceModel model = new DeviceModel(device(), one, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      advance(reference, model, 1, 2);
      model.step().save(file);
      StateFileBytes good = StateFileBytes.of(Files.readAllBytes(file));
      String type = anyType() == DType.FLOAT32 ? "\"F32\"" : "\"F64\"";
      for (String[] change : new String[][] {{type, "null", "dtype"}, {"\"dtype\":" + type + ",", "", "dtype"},
          {"\"nlar.applied\":\"2\"", "\"nlar.applied\":\"-1\"", "'-1'"},
          {"\"nlar.applied\":\"2\"", "\"nlar.applied\":\"9007199254740993\"", "9007199254740993"},
          {"[3]", "[-3]", "shape"}, {"[0,", "[0,1,", "data_offsets"}, {"[0,", "[1,", "data_offsets"},
          {"\"learningRate\\", "\"rate\\", "learningRate"}}) {
        String text = good.text().replaceFirst(Pattern.quote(change[0]), Matcher.quoteReplacement(change[1]));
        Files.write(file, good.withText(text).file());
        assertRefused(StateFileException.class, () -> model.step().restore(file, Restore.STRICT), file.toString(),
            change[2]);
      }
      assertSameBits("after refused restores", 2, reference, model);
      Files.write(file, good.file());
      model.step().restore(file, Restore.STRICT);
      advance(reference, model, 3, 3);
    }
  }

  /** Tensors of both sizes, so that elements lie across the blocks by which files are written and checked. */
  private List<GroupSpec> overSeveralBlocks() {
    List<GroupSpec> groups = new ArrayList<>();
    for (DType type : types()) {
      groups.add(GroupSpec.of(StepConfig.nlarcm(), type, new TensorSpec(type + "/a", 70_001),
          new TensorSpec(type + "/b", 3), new TensorSpec(type + "/c", 262_145)));
    }
    return groups;
  }

  /** Files of the version before, whose checksum covers the tensors, and of this one, where it covers sums of them. */
  @Test
  default void bothFormatsAreRestored(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    List<GroupSpec> groups = overSeveralBlocks();
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      advance(reference, model, 1, 1);
      model.step().save(file);
      StateFileBytes saved = StateFileBytes.of(Files.readAllBytes(file));
      assertTrue(saved.data().length > 2 << 20, "three blocks at least");
      assertArrayEquals(Files.readAllBytes(file), saved.file(), "the checksum as docs/architecture.md has it");
      try (DeviceModel other = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
        for (StateFileBytes each : List.of(saved.inTheFormatBefore(), saved)) {
          Files.write(file, each.file());
          other.step().restore(file, Restore.STRICT);
          assertSameState(reference, other);
          other.step().run();
        }
        // One bit anywhere, in either format.
        for (StateFileBytes each : List.of(saved.inTheFormatBefore(), saved)) {
          byte[] bytes = each.file();
          for (int at : new int[] {bytes.length - 1, bytes.length - (1 << 20), 8 + saved.header().length}) {
            bytes[at] ^= 4;
            Files.write(file, bytes);
            assertRefused(StateFileException.class, () -> other.step().restore(file, Restore.STRICT), "checksum");
            bytes[at] ^= 4;
          }
        }
        Files.write(file, saved.file());
        other.step().restore(file, Restore.STRICT);
        assertSameState(reference, other);
      }
    }
  }

  /** Files that several threads read where they may; channels are read by the calling one. */
  @Test
  default void damageAnywhereInALargeFileIsFoundAndChangesNothing(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    List<GroupSpec> groups = overSeveralBlocks();
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel saved = new DeviceModel(device(), groups, Layout.ALLOCATED);
        DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      saved.step().run();
      saved.step().save(file);
      byte[] bytes = Files.readAllBytes(file);
      startEqually(reference, model, 3);
      advance(reference, model, 1, 1);
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < 40; i++) {
        int at = random.nextInt(bytes.length);
        byte[] damaged = i % 4 == 0 ? Arrays.copyOf(bytes, at) : bytes.clone();
        if (i % 4 != 0) {
          damaged[at] ^= (byte) (1 << random.nextInt(8));
        }
        Path broken = Files.write(folder.resolve("broken"), damaged);
        assertRefused(StateFileException.class, () -> model.step().restore(broken, Restore.STRICT), broken.toString());
        assertRefused(StateFileException.class,
            () -> model.step().restore(Channels.newChannel(new ByteArrayInputStream(damaged)), Restore.MATCHING), "a channel");
        try (SeekableByteChannel channel = Files.newByteChannel(broken)) {
          assertRefused(StateFileException.class, () -> model.step().restore(channel, Restore.MATCHING), "a channel");
        }
      }
      assertSameState(reference, model);
      advance(reference, model, 2, 2);
      model.step().restore(file, Restore.STRICT);
      assertEquals(1, model.step().stats().applied());
    }
  }

  /** A file that several threads write where they may, and bytes that the calling one writes; whether interrupted or not. */
  @Test
  default void aLargeFileHasTheBytesOfAChannel(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    List<GroupSpec> groups = overSeveralBlocks();
    ReferenceStep reference = new ReferenceStep(groups);
    try (DeviceModel model = new DeviceModel(device(), groups, Layout.ALLOCATED)) {
      startEqually(reference, model, 3);
      advance(reference, model, 1, 1);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      model.step().save(Channels.newChannel(bytes));
      assertTrue(bytes.size() > 3 << 20, bytes.size() + " bytes");
      for (boolean interrupted : new boolean[] {false, true}) {
        try {
          if (interrupted) {
            Thread.currentThread().interrupt();
          }
          model.step().save(file);
          assertEquals(interrupted, Thread.currentThread().isInterrupted());
        } finally {
          Thread.interrupted();
        }
        assertArrayEquals(bytes.toByteArray(), Files.readAllBytes(file));
      }
    }
  }

  /** What is no regular file may block for ever. */
  @Test
  default void pipesFoldersAndDevicesAreNotRead(@TempDir Path folder) throws Exception {
    Path pipe = folder.resolve("pipe");
    List<Path> others = new ArrayList<>(List.of(folder));
    if (Files.exists(Path.of("/dev/zero"))) {
      others.add(Path.of("/dev/zero"));
      assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor());
      others.add(pipe);
    }
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      for (Path other : others) {
        String message = assertTimeoutPreemptively(Duration.ofSeconds(20), () ->
            assertThrows(FileSystemException.class, () -> model.step().restore(other, Restore.STRICT))).getMessage();
        assertTrue(message.startsWith(other + ": it is a "), message);
      }
      model.step().run(1, 1);
      assertEquals(1, model.step().stats().applied());
    }
  }

  @Test
  default void anInterruptCutsNeitherSaveNorRestoreShort(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    ReferenceStep reference = new ReferenceStep(groups());
    try (DeviceModel model = new DeviceModel(device(), groups(), Layout.ALLOCATED)) {
      startEqually(reference, model, 1);
      advance(reference, model, 1, 2);
      try {
        Thread.currentThread().interrupt();
        model.step().save(file);
        model.step().restore(file, Restore.STRICT);
        assertTrue(Thread.currentThread().isInterrupted());
      } finally {
        Thread.interrupted();
      }
      advance(reference, model, 3, 4);
    }
  }

  /** What could not be restored is not saved, nor compiled. */
  @Test
  default void theLimitsOfFilesAreThoseOfSteps(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("state");
    List<GroupSpec> longest = List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(), new TensorSpec("n".repeat(1 << 16), 1)));
    try (DeviceModel model = new DeviceModel(device(), longest, Layout.ALLOCATED)) {
      model.step().run(1, 1);
      model.step().save(file);
      model.step().restore(file, Restore.STRICT);
      assertEquals(1, model.step().stats().applied());
      for (double wrong : new double[] {-1, 0.5, 0x1p53 + 2, Double.NaN}) {
        setControl(model.step(), Control.APPLIED, wrong);
        assertRefused(StateFileException.class, () -> model.step().save(file), Double.toString(wrong), "control()");
      }
      model.step().restore(file, Restore.STRICT);
      assertEquals(1, model.step().stats().applied());
    }
    for (String name : new String[] {"n".repeat((1 << 16) + 1), "half \ud800 a pair"}) {
      List<GroupSpec> groups = List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(), new TensorSpec(name, 1)));
      ParameterException refused = assertRefused(ParameterException.class,
          () -> new DeviceModel(device(), groups, Layout.ALLOCATED).close(), "saved by name");
      assertTrue(refused.getMessage().length() < 1000, refused.getMessage());
    }
  }
}
