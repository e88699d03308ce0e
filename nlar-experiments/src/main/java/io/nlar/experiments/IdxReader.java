package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Reads MNIST and data sets of its form: the four idx files, plain or compressed. */
final class IdxReader {
  /** Third byte of the magic number: unsigned bytes. */
  private static final int UNSIGNED_BYTE = 8;
  private static final int CLASSES = 10;
  /** Where torchvision puts MNIST and its likes below the folder that it is given. */
  private static final String[] BELOW = {"raw", "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw"};

  private IdxReader() {}

  static DataSet read(Path folder) {
    DataFiles files = new DataFiles(folder, BELOW);
    Path images = images(files, "train", "training images");
    Path labels = labels(files, "train", "training labels");
    Path testImages = images(files, "t10k", "test images");
    Path testLabels = labels(files, "t10k", "test labels");
    ImageSet training = read(images, labels);
    ImageSet test = read(testImages, testLabels);
    if (training.size() != test.size()) {
      throw new CommandFailedException(images + " has images of " + training.size() + " pixels, " + testImages + " of "
          + test.size() + "; they belong to different data sets");
    }
    return new DataSet(training, test, "idx files in " + folder);
  }

  private static Path images(DataFiles files, String prefix, String what) {
    return files.find(what, List.of(prefix + "-images-idx3-ubyte", prefix + "-images.idx3-ubyte"));
  }

  private static Path labels(DataFiles files, String prefix, String what) {
    return files.find(what, List.of(prefix + "-labels-idx1-ubyte", prefix + "-labels.idx1-ubyte"));
  }

  private static ImageSet read(Path images, Path labels) {
    int[] imageShape = new int[3];
    byte[] pixels = read(images, imageShape);
    int[] labelShape = new int[1];
    byte[] classes = read(labels, labelShape);
    if (imageShape[0] != labelShape[0]) {
      throw new CommandFailedException(images + " has " + imageShape[0] + " images, " + labels + " has "
          + labelShape[0] + " labels; they do not belong together");
    }
    for (byte label : classes) {
      if (label < 0 || label >= CLASSES) {
        throw new CommandFailedException(labels + " holds the label " + (label & 0xff) + "; classes are 0 to 9");
      }
    }
    return new ImageSet(pixels, classes, imageShape[1] * imageShape[2], 255);
  }

  /** The values of an idx file of as many dimensions as {@code shape} has, which is filled. */
  private static byte[] read(Path file, int[] shape) {
    byte[] bytes = DataFiles.read(file);
    int header = 4 + 4 * shape.length;
    int magic = UNSIGNED_BYTE << 8 | shape.length;
    if (bytes.length < header || ByteBuffer.wrap(bytes).getInt() != magic) {
      throw new CommandFailedException(file + " is no idx file of unsigned bytes in " + shape.length
          + " dimensions: it does not start with " + String.format("%08x", magic) + " but with " + DataFiles.start(bytes));
    }
    long[] stated = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = ByteBuffer.wrap(bytes).getInt(4 + 4 * i);
      stated[i] = Integer.toUnsignedLong(shape[i]);
    }
    long expected = 1;
    for (long size : stated) {
      expected *= size; // at most 2^31 · 2^32 before the check
      if (expected <= 0 || expected > Integer.MAX_VALUE) {
        throw new CommandFailedException(file + " states the impossible size " + Arrays.toString(stated)
            + "; get it anew");
      }
    }
    if (bytes.length - header != expected) {
      throw new CommandFailedException(file + " is truncated or too long: its header announces " + expected
          + " values, " + (bytes.length - header) + " follow; get it anew");
    }
    return Arrays.copyOfRange(bytes, header, bytes.length);
  }
}
