package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads CIFAR-10's binary version: data_batch_1.bin to data_batch_5.bin and test_batch.bin, plain or compressed. */
final class CifarReader {
  private static final int SIZE = 3 * 32 * 32;
  private static final int RECORD = 1 + SIZE;
  private static final int BATCHES = 5;
  private static final int CLASSES = 10;
  private static final String FOLDER = "cifar-10-batches-bin";
  private static final String PYTHON = "cifar-10-batches-py";

  private CifarReader() {}

  static DataSet read(Path folder) {
    DataFiles files = new DataFiles(folder, FOLDER);
    List<Path> batches = new ArrayList<>();
    Path test;
    try {
      for (int i = 1; i <= BATCHES; i++) {
        batches.add(files.find("training images", List.of("data_batch_" + i + ".bin")));
      }
      test = files.find("test images", List.of("test_batch.bin"));
    } catch (CommandFailedException missing) {
      throw Files.isDirectory(folder.resolve(PYTHON))
          ? new CommandFailedException(missing.getMessage() + "; " + PYTHON + " is CIFAR-10's version for Python, needed"
              + " is the binary one, cifar-10-binary.tar.gz", missing)
          : missing;
    }
    return new DataSet(images(batches), images(List.of(test)), "CIFAR-10 binary files in " + folder);
  }

  private static ImageSet images(List<Path> files) {
    List<byte[]> contents = new ArrayList<>();
    int count = 0;
    for (Path file : files) {
      byte[] bytes = DataFiles.read(file);
      if (bytes.length == 0 || bytes.length % RECORD != 0) {
        throw new CommandFailedException(file + " is truncated or no CIFAR-10 binary: its " + bytes.length
            + " bytes are no whole number of records of " + RECORD + " (label, 3 x 32 x 32 pixels); it starts with " + DataFiles.start(bytes));
      }
      contents.add(bytes);
      count += bytes.length / RECORD;
    }
    byte[] pixels = new byte[Math.multiplyExact(count, SIZE)];
    byte[] labels = new byte[count];
    int image = 0;
    for (int f = 0; f < contents.size(); f++) {
      byte[] bytes = contents.get(f);
      for (int start = 0; start < bytes.length; start += RECORD) {
        labels[image] = bytes[start];
        if (labels[image] < 0 || labels[image] >= CLASSES) {
          throw new CommandFailedException(files.get(f) + " holds the label " + (labels[image] & 0xff)
              + "; CIFAR-10 has classes 0 to 9 (CIFAR-100 has two labels a record)");
        }
        System.arraycopy(bytes, start + 1, pixels, image * SIZE, SIZE);
        image++;
      }
    }
    return new ImageSet(pixels, labels, SIZE, 255);
  }
}
