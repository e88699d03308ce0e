package io.nlar.experiments;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import io.nlar.cli.CommandFailedException;
import io.nlar.cli.WrongArgumentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Classifying images: data, network and batch size. All but the first are those of arXiv 2410.09943. */
public enum ImageExperiment implements Experiment {
  /** Embedded 8 × 8 digits, a small network: 64-64-32-10. */
  DIGITS("digits", "8x8 digits, network 64-64-32-10", 50, 10, 64) {
    @Override
    public Block network() {
      return perceptron(64, 32);
    }
  },
  /** Logistic regression on MNIST: 784-10. */
  LOGISTIC("logistic", "MNIST, logistic regression 784-10", 300, 5, 784) {
    @Override
    public Block network() {
      return perceptron();
    }
  },
  /** MNIST, two hidden layers: 784-1000-1000-10. */
  MLP2H("mlp2h", "MNIST, network 784-1000-1000-10", 300, 5, 784) {
    @Override
    public Block network() {
      return perceptron(1000, 1000);
    }
  },
  /** CIFAR-10, seven hidden layers: 3072-7×512-10. */
  MLP7H("mlp7h", "CIFAR-10, network 3072-7x512-10", 300, 5, 3072) {
    @Override
    public Block network() {
      return perceptron(512, 512, 512, 512, 512, 512, 512);
    }
  },
  /** CIFAR-10, VGG-11 with batch normalisation. */
  VGG11("vgg11", "CIFAR-10, VGG-11 with batch normalisation", 300, 5, 3072) {
    @Override
    public Block network() {
      SequentialBlock block = new SequentialBlock();
      int[][] stages = {{64}, {128}, {256, 256}, {512, 512}, {512, 512}};
      for (int[] stage : stages) {
        for (int filters : stage) {
          block.add(Conv2d.builder().setKernelShape(new Shape(3, 3)).optPadding(new Shape(1, 1)).setFilters(filters)
              .build()).add(Activation::relu);
        }
        block.add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2))).add(BatchNorm.builder().build());
      }
      return layers(block.add(Blocks.batchFlattenBlock()), 4096, 4096);
    }

    @Override
    public Shape input(long batch) {
      return new Shape(batch, 3, 32, 32);
    }
  };

  private static final int CLASSES = 10;

  private final String label;
  private final String description;
  private final int batch;
  private final int epochs;
  private final int pixels;

  ImageExperiment(String label, String description, int batch, int epochs, int pixels) {
    this.label = label;
    this.description = description;
    this.batch = batch;
    this.epochs = epochs;
    this.pixels = pixels;
  }

  /** The experiment of this name. */
  public static ImageExperiment named(String name) {
    return Experiment.named(name, List.of(values()));
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public boolean small() {
    return this == DIGITS;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public List<String> rates() {
    return this == DIGITS ? List.of("1e-5", "1e-4", "1e-3", "1e-2", "0.1", "1")
        : List.of("1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "0.1", "1");
  }

  @Override
  public Measure measure() {
    return Measure.ACCURACY;
  }

  @Override
  public Task prepare(Path folder) throws IOException {
    return new ImageTask(this, data(folder));
  }

  /** Images a batch. */
  public int batch() {
    return batch;
  }

  @Override
  public int epochs() {
    return epochs;
  }

  /** The network, not initialised; its output is the classes' scores before the softmax. */
  public abstract Block network();

  /** Shape of a batch of images. */
  public Shape input(long batch) {
    return new Shape(batch, pixels);
  }

  /**
   * The data.
   *
   * @param folder where the user keeps the files; null: the embedded ones, or a download
   */
  public DataSet data(Path folder) throws IOException {
    DataSet data = switch (this) {
      case DIGITS -> {
        if (folder != null) {
          throw new WrongArgumentException("the experiment digits brings its data along; leave --data out, or name"
              + " another experiment, for example mlp2h");
        }
        yield Digits.read();
      }
      case LOGISTIC, MLP2H -> folder == null ? Download.mnist() : IdxReader.read(folder);
      case MLP7H, VGG11 -> folder == null ? Download.cifar10() : CifarReader.read(folder);
    };
    if (data.training().size() != pixels) {
      throw new CommandFailedException("the images of " + data.source() + " have " + data.training().size()
          + " values; the experiment " + label + " is for " + pixels);
    }
    return data;
  }

  private static Block perceptron(int... hidden) {
    return layers(new SequentialBlock(), hidden);
  }

  private static Block layers(SequentialBlock block, int... hidden) {
    for (int units : hidden) {
      block.add(Linear.builder().setUnits(units).build()).add((NDList list) -> Activation.relu(list));
    }
    return block.add(Linear.builder().setUnits(CLASSES).build());
  }
}
