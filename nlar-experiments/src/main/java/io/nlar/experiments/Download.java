package io.nlar.experiments;

import ai.djl.basicdataset.cv.classification.Cifar10;
import ai.djl.basicdataset.cv.classification.FashionMnist;
import ai.djl.basicdataset.cv.classification.Mnist;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import io.nlar.cli.CommandFailedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Has DJL's data set classes download, where the user gives no files. */
final class Download {
  private static final int BATCH = 1000;
  private static final String IDX_FILES =
      "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte";

  private Download() {}

  static DataSet mnist() {
    return download("MNIST", IDX_FILES, (manager, usage) -> Mnist.builder().optManager(manager).optUsage(usage)
            .setSampling(BATCH, false).build());
  }

  static DataSet fashionMnist() {
    return download("Fashion-MNIST", IDX_FILES + " (on Debian the package dataset-fashion-mnist has them, in"
        + " /usr/share/datasets/fashion-mnist)", (manager, usage) -> FashionMnist.builder().optManager(manager).optUsage(usage)
            .setSampling(BATCH, false).build());
  }

  static DataSet cifar10() {
    return download("CIFAR-10", CifarReader.CIFAR10.files(),
        (manager, usage) -> Cifar10.builder().optManager(manager).optUsage(usage).setSampling(BATCH, false).build());
  }

  @FunctionalInterface
  private interface Source {
    ArrayDataset of(NDManager manager, Dataset.Usage usage);
  }

  private static DataSet download(String name, String files, Source source) {
    DjlEngine.start();
    try {
      return new DataSet(images(source, Dataset.Usage.TRAIN), images(source, Dataset.Usage.TEST),
          name + ", downloaded by DJL");
    } catch (IOException | TranslateException | RuntimeException failure) {
      throw new CommandFailedException(name + " is not on this machine and cannot be downloaded (" + failure
          + "). Put " + files + " (each may end in .gz) into a folder and name it: --data FOLDER", failure);
    }
  }

  private static ImageSet images(Source source, Dataset.Usage usage) throws IOException, TranslateException {
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    ByteArrayOutputStream labels = new ByteArrayOutputStream();
    int size = 0;
    try (NDManager manager = NDManager.newBaseManager()) {
      ArrayDataset dataset = source.of(manager, usage);
      dataset.prepare();
      for (Batch batch : dataset.getData(manager)) {
        try (batch) {
          NDArray images = batch.getData().singletonOrThrow();
          size = Math.toIntExact(images.size() / images.getShape().get(0));
          for (float pixel : images.toFloatArray()) {
            pixels.write(Math.round(pixel * 255));
          }
          for (Number label : batch.getLabels().singletonOrThrow().toArray()) {
            labels.write(label.intValue());
          }
        }
      }
    }
    return new ImageSet(pixels.toByteArray(), labels.toByteArray(), size, 255);
  }
}
