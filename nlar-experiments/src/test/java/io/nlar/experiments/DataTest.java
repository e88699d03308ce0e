package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cli.CommandFailedException;
import io.nlar.cli.WrongArgumentException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Readers of data files, on files that are right and on files that are not. */
class DataTest {
  @TempDir
  Path folder;

  private void write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = name.endsWith(".gz")
        ? new GZIPOutputStream(Files.newOutputStream(file)) : Files.newOutputStream(file)) {
      out.write(bytes);
    }
  }

  static byte[] images(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(16 + count * 784);
    bytes.putInt(0x803).putInt(count).putInt(28).putInt(28);
    while (bytes.hasRemaining()) {
      bytes.put((byte) bytes.position());
    }
    return bytes.array();
  }

  static byte[] labels(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(8 + count);
    bytes.putInt(0x801).putInt(count);
    for (int i = 0; i < count; i++) {
      bytes.put((byte) (i % 10));
    }
    return bytes.array();
  }

  /** Writes a file without a look at its name's end. */
  private void writeAs(String name, byte[] bytes, boolean packed) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (OutputStream out = packed
        ? new GZIPOutputStream(Files.newOutputStream(file)) : Files.newOutputStream(file)) {
      out.write(bytes);
    }
  }

  /** MNIST's files under names that {@code %s} in {@code layout} stands for, whose first dot or dash is {@code dot}. */
  private void writeIdx(String layout, String dot, boolean packed) throws IOException {
    String[] names = {"train-images%sidx3-ubyte", "train-labels%sidx1-ubyte", "t10k-images%sidx3-ubyte",
        "t10k-labels%sidx1-ubyte"};
    byte[][] contents = {images(7), labels(7), images(3), labels(3)};
    for (int i = 0; i < names.length; i++) {
      writeAs(layout.replace("%s", names[i].formatted(dot)), contents[i], packed);
    }
  }

  private void writeIdx() throws IOException {
    write("train-images-idx3-ubyte.gz", images(7));
    write("train-labels-idx1-ubyte", labels(7));
    write("t10k-images-idx3-ubyte", images(3));
    write("t10k-labels-idx1-ubyte.gz", labels(3));
  }

  private void assertRefused(String... parts) {
    assertRefused(ImageExperiment.LOGISTIC, parts);
  }

  private void assertRefused(ImageExperiment experiment, String... parts) {
    String message = assertThrows(CommandFailedException.class, () -> experiment.data(folder)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void idxFilesPlainAndCompressed() throws IOException {
    writeIdx();
    DataSet data = ImageExperiment.LOGISTIC.data(folder);
    assertEquals(7, data.training().count());
    assertEquals(3, data.test().count());
    assertEquals(6, data.training().labels()[6]);
    float[] scaled = new float[784];
    data.training().scaled(new int[] {1}, 0, 1, scaled);
    assertEquals(((16 + 784) & 0xff) / 255f, scaled[0], 1e-7f);
  }

  /** Kaggle's (both), torchvision's from three folders, and files whose names and contents disagree. */
  @ParameterizedTest
  @CsvSource({"%s/%s, -, false", "%s, ., false", "MNIST/raw/%s, -, false", "raw/%s, -, true", "FashionMNIST/raw/%s.gz, -, true",
      "%s, -, true", "%s.gz, -, false", "%s.gz, ., true"})
  void idxFilesAsTheyAreFound(String layout, String dot, boolean packed) throws IOException {
    writeIdx(layout, dot, packed);
    DataSet data = ImageExperiment.LOGISTIC.data(folder);
    assertEquals(7, data.training().count());
    assertEquals(3, data.test().count());
    assertEquals(6, data.training().labels()[6]);
  }

  @ParameterizedTest
  @CsvSource({"2147483647, 28, 28", "0, 28, 28", "4294967295, 4294967295, 2"})
  void anImpossibleSizeIsToldAsItStands(String count, String rows, String columns) throws IOException {
    writeIdx("%s", "-", false);
    byte[] bytes = images(1);
    ByteBuffer.wrap(bytes).putInt(4, Integer.parseUnsignedInt(count)).putInt(8, Integer.parseUnsignedInt(rows))
        .putInt(12, Integer.parseUnsignedInt(columns));
    write("train-images-idx3-ubyte", bytes);
    assertRefused("impossible size [" + count + ", " + rows + ", " + columns + "]");
  }

  @Test
  void anArchiveIsNotTakenForImages() throws IOException {
    writeIdx("%s", "-", false);
    write("train-images-idx3-ubyte", "PK\3\4 and so on, longer than a header".getBytes());
    assertRefused("does not start with 00000803 but with 504b0304");
  }

  @Test
  void brokenIdxFilesAreNamed() throws IOException {
    assertRefused("training images", "train-images-idx3-ubyte", folder.toString());
    writeIdx();
    byte[] whole = images(7);
    Files.delete(folder.resolve("train-images-idx3-ubyte.gz"));
    write("train-images-idx3-ubyte", Arrays.copyOf(whole, whole.length - 1));
    assertRefused("truncated", "train-images-idx3-ubyte");
    write("train-images-idx3-ubyte", labels(7));
    assertRefused("no idx file");
    write("train-images-idx3-ubyte", images(6));
    assertRefused("6 images", "7 labels");
    Files.delete(folder.resolve("train-images-idx3-ubyte"));
    write("train-images-idx3-ubyte.gz", whole);
    byte[] packed = Files.readAllBytes(folder.resolve("train-images-idx3-ubyte.gz"));
    Files.write(folder.resolve("train-images-idx3-ubyte.gz"), Arrays.copyOf(packed, packed.length / 2));
    assertRefused("truncated", "train-images-idx3-ubyte.gz");
    byte[] wrongLabel = labels(7);
    wrongLabel[10] = 17;
    write("train-images-idx3-ubyte.gz", whole);
    write("train-labels-idx1-ubyte", wrongLabel);
    assertRefused("label 17");
  }

  /** Images in the form of CIFAR-10's binary files, five and one of {@code count} images. */
  static void writeCifar(Path folder, int count) throws IOException {
    writeRecords(folder, List.of("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"),
        count, 10);
  }

  /** Images in the form of CIFAR-100's binary files, two of {@code count} images: a coarse label, a fine one, pixels. */
  static void writeCifar100(Path folder, int count) throws IOException {
    writeRecords(folder, List.of("train", "test"), count, 20, 100);
  }

  /** Files of records: a label of each kind of classes, then pixels. */
  private static void writeRecords(Path folder, List<String> names, int count, int... classes) throws IOException {
    Random random = new Random(1);
    int record = classes.length + 3072;
    for (String name : names) {
      byte[] bytes = new byte[count * record];
      random.nextBytes(bytes);
      for (int i = 0; i < count; i++) {
        for (int label = 0; label < classes.length; label++) {
          bytes[i * record + label] = (byte) random.nextInt(classes[label]);
        }
      }
      Files.write(folder.resolve(name + ".bin"), bytes);
    }
  }

  @Test
  void cifarBinaries() throws IOException {
    writeCifar(folder, 4);
    DataSet data = ImageExperiment.MLP7H.data(folder);
    assertEquals(20, data.training().count());
    assertEquals(3072, data.test().size());
    byte[] first = Files.readAllBytes(folder.resolve("data_batch_2.bin"));
    assertEquals(first[0], data.training().labels()[4]);
    assertEquals(first[1], data.training().pixels()[4 * 3072]);
    Files.write(folder.resolve("test_batch.bin"), new byte[3000]);
    var truncated = assertThrows(CommandFailedException.class, () -> ImageExperiment.VGG11.data(folder));
    assertTrue(truncated.getMessage().contains("test_batch.bin"), truncated.getMessage());
  }

  @Test
  void cifarBinariesAsTheyAreFound() throws IOException {
    writeCifar(folder, 4);
    Path unpacked = Files.createDirectories(folder.resolve("cifar-10-batches-bin"));
    for (String name : new String[] {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5",
        "test_batch"}) {
      byte[] bytes = Files.readAllBytes(folder.resolve(name + ".bin"));
      Files.delete(folder.resolve(name + ".bin"));
      writeAs("cifar-10-batches-bin/" + name + ".bin", bytes, true);
    }
    assertEquals(20, ImageExperiment.MLP7H.data(folder).training().count());
    assertEquals(20, ImageExperiment.MLP7H.data(unpacked).training().count());
  }

  @Test
  void cifarForPythonIsToldFromTheBinaries() throws IOException {
    Files.createDirectories(folder.resolve("cifar-10-batches-py"));
    String message = assertThrows(CommandFailedException.class, () -> ImageExperiment.MLP7H.data(folder)).getMessage();
    assertTrue(message.contains("cifar-10-binary.tar.gz"), message);
  }

  @Test
  void cifar100sClassIsTheSecondLabel() throws IOException {
    writeCifar100(folder, 6);
    DataSet data = ImageExperiment.RESNET100.data(folder);
    assertEquals(6, data.training().count());
    assertEquals(6, data.test().count());
    byte[] bytes = Files.readAllBytes(folder.resolve("train.bin"));
    for (int i = 0; i < 6; i++) {
      assertEquals(bytes[i * 3074 + 1], data.training().labels()[i]);
      assertEquals(bytes[i * 3074 + 2], data.training().pixels()[i * 3072]);
      assertEquals(bytes[i * 3074 + 3073], data.training().pixels()[i * 3072 + 3071]);
    }
    bytes[3075] = 100;
    Files.write(folder.resolve("train.bin"), bytes);
    assertRefused(ImageExperiment.RESNET100, "label 100", "train.bin", "0 to 99");
    Files.write(folder.resolve("train.bin"), new byte[3073]);
    assertRefused(ImageExperiment.RESNET100, "train.bin", "3074", "2 labels");
  }

  @Test
  void cifar100IsNotDownloadedAndItsOtherVersionIsTold() throws IOException {
    String message = assertThrows(WrongArgumentException.class, () -> ImageExperiment.RESNET100.data(null)).getMessage();
    assertTrue(message.contains("--data") && message.contains("cifar-100-binary.tar.gz"), message);
    Files.createDirectories(folder.resolve("cifar-100-python"));
    assertRefused(ImageExperiment.RESNET100, "train.bin", "cifar-100-python", "cifar-100-binary.tar.gz");
  }

  @Test
  void theEmbeddedDigitsAreWhole() throws IOException {
    DataSet data = ImageExperiment.DIGITS.data(null);
    assertEquals(1797, data.training().count() + data.test().count());
    assertEquals(360, data.test().count());
    int[] counts = new int[10];
    for (byte label : data.training().labels()) {
      counts[label]++;
    }
    assertTrue(Arrays.stream(counts).allMatch(count -> count > 120), Arrays.toString(counts));
    float[] scaled = new float[64];
    data.test().scaled(new int[] {0}, 0, 1, scaled);
    assertArrayEquals(new float[] {0, 0, 5 / 16f, 13 / 16f}, Arrays.copyOf(scaled, 4));
  }

  @Test
  void aFolderThatIsNotThereAndDataForAnotherExperiment() throws IOException {
    Path missing = folder.resolve("missing");
    assertTrue(assertThrows(CommandFailedException.class, () -> ImageExperiment.MLP2H.data(missing)).getMessage()
        .contains(missing.toString()));
    assertTrue(assertThrows(WrongArgumentException.class, () -> ImageExperiment.DIGITS.data(folder)).getMessage()
        .contains("--data"));
  }
}
