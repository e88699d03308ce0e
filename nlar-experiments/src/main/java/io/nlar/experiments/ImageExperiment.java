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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Classifying images: data, network and batch size. LOGISTIC, MLP2H, MLP7H and VGG11 are those of arXiv 2410.09943.
 */
public enum ImageExperiment implements Experiment {
  /** Embedded 8 × 8 digits, a small network: 64-64-32-10. */
  DIGITS("digits", "8x8 digits, network 64-64-32-10", 50, 10, new Shape(64), 0.95) {
    @Override
    public Block network() {
      return perceptron(64, 32);
    }
  },
  /** Logistic regression on MNIST: 784-10. */
  LOGISTIC("logistic", "MNIST, logistic regression 784-10", 300, 5, new Shape(784), 0.91) {
    @Override
    public Block network() {
      return perceptron();
    }
  },
  /** MNIST, two hidden layers: 784-1000-1000-10. */
  MLP2H("mlp2h", "MNIST, network 784-1000-1000-10", 300, 5, new Shape(784), 0.97) {
    @Override
    public Block network() {
      return perceptron(1000, 1000);
    }
  },
  /** Fashion-MNIST, two hidden layers: 784-128-128-10. */
  FASHION("fashion", "Fashion-MNIST, network 784-128-128-10", 300, 5, new Shape(784), 0.86) {
    @Override
    public Block network() {
      return perceptron(128, 128);
    }
  },
  /** CIFAR-10, seven hidden layers: 3072-7×512-10. */
  MLP7H("mlp7h", "CIFAR-10, network 3072-7x512-10", 300, 5, new Shape(3072), 0.4) {
    @Override
    public Block network() {
      return perceptron(512, 512, 512, 512, 512, 512, 512);
    }
  },
  /** CIFAR-10, VGG-11 with batch normalisation. */
  VGG11("vgg11", "CIFAR-10, VGG-11 with batch normalisation", 300, 5, new Shape(3, 32, 32), 0.6) {
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
  },
  /** CIFAR-10, a residual network of eight layers with batch normalisation. */
  RESNET("resnet", "CIFAR-10, ResNet-8 of 8, 16 and 32 filters with batch normalisation", 100, 5, new Shape(3, 32, 32), 0.45) {
    @Override
    public Block network() {
      return ResidualNetwork.of(CifarReader.CIFAR10.classes(), 8, 16, 32);
    }
  },
  /** CIFAR-100, the same residual network but for its last layer. */
  RESNET100("resnet100", "CIFAR-100, ResNet-8 of 8, 16 and 32 filters with batch normalisation", 100, 5, new Shape(3, 32, 32), 0.1) {
    @Override
    public Block network() {
      return ResidualNetwork.of(CifarReader.CIFAR100.classes(), 8, 16, 32);
    }
  };

  private static final int CLASSES = 10;
  private static final int TEST_BATCH = 1000;

  private final String label;
  private final String description;
  private final int batch;
  private final int epochs;
  /** Of an image, as the network takes it. */
  private final Shape image;
  private final double target;

  ImageExperiment(String label, String description, int batch, int epochs, Shape image, double target) {
    this.label = label;
    this.description = description;
    this.batch = batch;
    this.epochs = epochs;
    this.image = image;
    this.target = target;
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
    return switch (this) {
      case DIGITS -> List.of("1e-5", "1e-4", "1e-3", "1e-2", "0.1", "1");
      case FASHION, RESNET, RESNET100 -> ALL_RATES;
      default -> List.of("1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "0.1", "1");
    };
  }

  @Override
  public Measure measure() {
    return Measure.ACCURACY;
  }

  @Override
  public double target() {
    return target;
  }

  @Override
  public int usualExamples() {
    return this == RESNET || this == RESNET100 ? 10_000 : CampaignOptions.ALL;
  }

  @Override
  public Task prepare(Path folder) throws IOException {
    return task(data(folder));
  }

  /** Learning from these images. */
  Task task(DataSet data) {
    ImageSet training = data.training();
    ImageSet test = data.test();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("data", data.source() + ", " + training.count() + " training and " + test.count()
        + " test images, pixels scaled to 0 … 1");
    facts.put("network", description);
    facts.put("loss", "softmax cross-entropy + " + Numbers.rate(Recipe.L2) + "·Σw² over the weights");
    facts.put("batch", batch + " images");
    return new BatchTask(new Problem(this::network, this::input, batch, TEST_BATCH, Objective.CLASSES, Recipe.L2,
        new ImageExamples(training, this::input), new ImageExamples(test, this::input)), "images", "images "
        + training.count() + " + " + test.count() + "\npixels and labels " + Long.toHexString(training.checksum()) + " "
        + Long.toHexString(test.checksum()) + "\n", facts);
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
    return new Shape(batch).addAll(image);
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
      case FASHION -> folder == null ? Download.fashionMnist() : IdxReader.read(folder);
      case MLP7H, VGG11, RESNET -> folder == null ? Download.cifar10() : CifarReader.CIFAR10.read(folder);
      case RESNET100 -> {
        if (folder == null) {
          throw new WrongArgumentException("CIFAR-100 is not among what DJL downloads: unpack " + CifarReader.CIFAR100.archive()
              + " (" + CifarReader.CIFAR100.files() + ") and name the folder, --data FOLDER");
        }
        yield CifarReader.CIFAR100.read(folder);
      }
    };
    if (data.training().size() != image.size()) {
      throw new CommandFailedException("the images of " + data.source() + " have " + data.training().size()
          + " values; the experiment " + label + " is for " + image.size());
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
