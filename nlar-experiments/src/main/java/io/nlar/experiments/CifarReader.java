package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the binary versions of CIFAR-10 and CIFAR-100, plain or compressed: records of labels, then 3 × 32 × 32 pixels. */
enum CifarReader {
  /** data_batch_1.bin to data_batch_5.bin and test_batch.bin, a label a record. */
  CIFAR10("CIFAR-10", "cifar-10-binary.tar.gz", "cifar-10-batches-bin", "cifar-10-batches-py", 1, 10,
      List.of("data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"), "test_batch.bin"),
  /** train.bin and test.bin, two labels a record, the second of which is the class. */
  CIFAR100("CIFAR-100", "cifar-100-binary.tar.gz", "cifar-100-binary", "cifar-100-python", 2, 100, List.of("train.bin"), "test.bin");

  private static final int SIZE = 3 * 32 * 32;

  private final String title;
  private final String archive;
  /** What is in the archive. */
  private final String unpacked;
  /** What is in the archive of the version for Python. */
  private final String python;
  /** Labels of a record; the last one is the class. */
  private final int labels;
  private final int classes;
  private final List<String> training;
  private final String test;

  CifarReader(String title, String archive, String unpacked, String python, int labels, int classes, List<String> training,
      String test) {
    this.title = title;
    this.archive = archive;
    this.unpacked = unpacked;
    this.python = python;
    this.labels = labels;
    this.classes = classes;
    this.training = training;
    this.test = test;
  }

  int classes() {
    return classes;
  }

  /** The files, for people. */
  String files() {
    return (training.size() == 1 ? training.getFirst() : training.getFirst() + " to " + training.getLast()) + " and " + test;
  }

  DataSet read(Path folder) {
    DataFiles files = new DataFiles(folder, unpacked);
    List<Path> batches = new ArrayList<>();
    Path tests;
    try {
      for (String name : training) {
        batches.add(files.find("training images", List.of(name)));
      }
      tests = files.find("test images", List.of(test));
    } catch (CommandFailedException missing) {
      throw Files.isDirectory(folder.resolve(python))
          ? new CommandFailedException(missing.getMessage() + "; " + python + " is " + title + "'s version for Python, needed"
              + " is the binary one, " + archive, missing)
          : missing;
    }
    return new DataSet(images(batches), images(List.of(tests)), title + " binary files in " + folder);
  }

  /** What its authors call the archive of the files. */
  String archive() {
    return archive;
  }

  private ImageSet images(List<Path> files) {
    int record = labels + SIZE;
    List<byte[]> contents = new ArrayList<>();
    int count = 0;
    for (Path file : files) {
      byte[] bytes = DataFiles.read(file);
      if (bytes.length == 0 || bytes.length % record != 0) {
        throw new CommandFailedException(file + " is truncated or no " + title + " binary: its " + bytes.length
            + " bytes are no whole number of records of " + record + " (" + (labels == 1 ? "label" : labels + " labels")
            + ", 3 x 32 x 32 pixels); it starts with " + DataFiles.start(bytes));
      }
      contents.add(bytes);
      count += bytes.length / record;
    }
    byte[] pixels = new byte[Math.multiplyExact(count, SIZE)];
    byte[] found = new byte[count];
    int image = 0;
    for (int f = 0; f < contents.size(); f++) {
      byte[] bytes = contents.get(f);
      for (int start = 0; start < bytes.length; start += record) {
        found[image] = bytes[start + labels - 1];
        if (found[image] < 0 || found[image] >= classes) {
          throw new CommandFailedException(files.get(f) + " holds the label " + (found[image] & 0xff) + "; " + title
              + " has classes 0 to " + (classes - 1) + " (CIFAR-10 has one label a record, CIFAR-100 has two)");
        }
        System.arraycopy(bytes, start + labels, pixels, image * SIZE, SIZE);
        image++;
      }
    }
    return new ImageSet(pixels, found, SIZE, 255);
  }
}
