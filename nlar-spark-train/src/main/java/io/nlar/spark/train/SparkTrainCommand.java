package io.nlar.spark.train;

import io.nlar.StepConfig;
import io.nlar.cli.CommandFailedException;
import io.nlar.cli.ExitCode;
import io.nlar.cli.NlarCommand;
import io.nlar.cli.WrongArgumentException;
import io.nlar.experiments.DataSet;
import io.nlar.experiments.DjlEngine;
import io.nlar.experiments.ImageExperiment;
import io.nlar.experiments.OptimizerChoice;
import io.nlar.spark.Gradients;
import io.nlar.spark.RateSchedule;
import io.nlar.spark.SparkTraining;
import io.nlar.spark.StepTimes;
import io.nlar.spark.TrainingResult;
import io.nlar.spark.WorkerReport;
import io.nlar.spark.djl.DjlGradients;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nlar spark-train}: an experiment with several numbers of workers, each a process, compared with one process alone. */
@Command(
    name = "spark-train",
    description = {
      "Train a network on Apache Spark with one worker after another number of them, each a process of its own on this machine, and"
          + " compare values and state with those of the same training without Spark, bit by bit.",
      "Says where the time of a step went. Ends with 1 where a bit differs."
    })
public final class SparkTrainCommand implements NlarCommand {
  private static final double MILLI = 1e3;
  private static final double MEGA = 1e-6;
  /** Those whose network's state is its parameters alone. */
  private static final Set<ImageExperiment> EXPERIMENTS = EnumSet.of(ImageExperiment.DIGITS, ImageExperiment.LOGISTIC,
      ImageExperiment.MLP2H, ImageExperiment.FASHION, ImageExperiment.MLP7H);
  private static final List<String> OPTIMIZERS = List.of("nlarsm", "nlarcm", "nlarpm", "nlarbb", "adamw", "nadamw", "lion",
      "schedulefree", "nlarsf");

  @Spec
  private CommandSpec spec;

  @Option(names = "--experiment", paramLabel = "NAME", defaultValue = "digits",
      description = "digits, logistic, mlp2h, fashion, mlp7h. Default: digits.")
  private String experiment;

  @Option(names = "--data", paramLabel = "FOLDER", description = "Where the data are; without it they are downloaded.")
  private Path folder;

  @Option(names = "--optimizer", paramLabel = "NAME", defaultValue = "nlarcm",
      description = "nlarsm, nlarcm, nlarpm, nlarbb, adamw, nadamw (warm-up and cosine decay), lion, schedulefree or nlarsf. Default: nlarcm.")
  private String optimizer;

  @Option(names = "--rate", paramLabel = "RATE", defaultValue = "0.1", description = "Initial learning rate. Default: 0.1.")
  private double rate;

  @Option(names = "--epochs", paramLabel = "N", defaultValue = "2", description = "Epochs. Default: 2.")
  private int epochs;

  @Option(names = "--workers", split = ",", paramLabel = "N", description = "Numbers of workers. Default: 1,2,4.")
  private List<Integer> workers = List.of(1, 2, 4);

  @Option(names = "--micro-batches", paramLabel = "N", defaultValue = "4",
      description = "Into how many micro-batches a batch is divided. Default: 4.")
  private int microBatches;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed of values and orders. Default: 1.")
  private int seed;

  @Option(names = "--overhead", paramLabel = "PARAMETERS", defaultValue = "0",
      description = "Trains nothing, but measures what a step costs beside the gradients for a model of so many parameters, against"
          + " its bytes through bare sockets of this machine.")
  private int overhead;

  @Override
  public Integer call() throws Exception {
    if (epochs < 1 || microBatches < 1 || workers.stream().anyMatch(count -> count < 1)) {
      throw new WrongArgumentException("epochs, micro-batches and workers must be at least 1");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (overhead > 0) {
      for (int count : workers) {
        try (JavaSparkContext context = open(count)) {
          context.setLogLevel("ERROR");
          Overhead.measure(out, context, overhead, count);
        }
      }
      return ExitCode.OK;
    }
    ImageExperiment chosen = chosen();
    StepConfig config = settings();
    DataSet images = chosen.data(folder);
    DjlEngine.startWithThreads(1);
    Path checkpoints = Files.createTempDirectory("nlar-spark");
    boolean equal = true;
    try (JavaSparkContext context = open(workers.stream().mapToInt(Integer::intValue).max().orElseThrow())) {
      context.setLogLevel("ERROR");
      Broadcast<DataSet> data = context.broadcast(images);
      ImageModel model = new ImageModel(chosen, data, microBatches, seed);
      Map<String, float[]> initial = DjlGradients.initialValues(model, seed);
      long steps = (long) epochs * model.stepsPerEpoch();
      OptimizerChoice choice = new OptimizerChoice(optimizer);
      RateSchedule schedule = step -> choice.rateFactor(step + 1, steps);
      out.printf(Locale.ROOT, "%s: %d parameters, %d steps of %d images in %d micro-batches, %s%n", chosen.description(),
          initial.values().stream().mapToLong(array -> array.length).sum(), steps, chosen.batch(), microBatches, config.text());
      try (PlainRun plain = new PlainRun(config, initial)) {
        long begin = System.nanoTime();
        Map<String, float[]> expected;
        try (Gradients source = model.source().open()) {
          expected = plain.train(source, steps, microBatches, schedule);
        }
        out.printf(Locale.ROOT, "one process without Spark: %.1f s, accuracy %.4f%n", (System.nanoTime() - begin) * 1e-9,
            model.accuracy(expected));
        for (int count : workers) {
          out.flush();
          Path own = checkpoints.resolve("w" + count);
          begin = System.nanoTime();
          TrainingResult result = SparkTraining.of(context, model.source()).add(config, initial).workers(count)
              .microBatches(microBatches).steps(steps).schedule(schedule)
              .checkpoints(own.toUri().toString(), model.stepsPerEpoch()).run();
          equal &= report(out, model, result, (System.nanoTime() - begin) * 1e-9, plain.equal(result.parameters(), own));
        }
      }
    } finally {
      delete(checkpoints);
    }
    return equal ? ExitCode.OK : ExitCode.FAILED;
  }

  private ImageExperiment chosen() {
    ImageExperiment chosen = ImageExperiment.named(experiment);
    if (!EXPERIMENTS.contains(chosen)) {
      throw new WrongArgumentException("'" + experiment + "' has batch normalisation, whose means and variances workers do not share;"
          + " give one of " + EXPERIMENTS.stream().map(ImageExperiment::label).collect(Collectors.joining(", ")));
    }
    return chosen;
  }

  /** The settings of {@code train} for the same names. */
  private StepConfig settings() {
    if (!OPTIMIZERS.contains(optimizer)) {
      throw new WrongArgumentException("the optimizer '" + optimizer + "' does not train over workers; nlarsm, nlarcm,"
          + " nlarpm, nlarbb, adamw, nadamw, lion, schedulefree and nlarsf do");
    }
    return new OptimizerChoice(optimizer).ownSettings(rate).orElseThrow();
  }

  private boolean report(PrintWriter out, ImageModel model, TrainingResult result, double seconds, boolean equal) {
    out.printf(Locale.ROOT, "%d worker(s): %.1f s, accuracy %.4f, %s; loss of the last epoch %.4f%n", result.workers().size(), seconds,
        model.accuracy(result.parameters()), equal ? "values and state equal to the bit" : "BITS DIFFER",
        Arrays.stream(result.losses()).skip(result.losses().length - model.stepsPerEpoch()).average().orElseThrow());
    for (WorkerReport worker : result.workers()) {
      StepTimes times = worker.times();
      double each = MILLI / Math.max(1, worker.steps());
      out.printf(Locale.ROOT, "  worker %d: state %.2f MB; its process: heap at most %.0f MB, native memory %.0f MB, resident at most"
          + " %.0f MB; ms a step: compute %.2f, average %.2f, exchange %.2f, waiting %.2f, step %.2f%n", worker.worker(),
          worker.stateBytes() * MEGA, worker.peakHeap() * MEGA, worker.nativeBytes() * MEGA, worker.peakResident() * MEGA,
          times.compute() * each, times.average() * each, times.exchange() * each, times.waiting() * each, times.step() * each);
    }
    return equal;
  }

  private static JavaSparkContext open(int executors) throws IOException {
    String home = System.getenv("SPARK_HOME");
    if (home == null) {
      throw new CommandFailedException("SPARK_HOME is not set; run this by ./nlar spark-train, which sets it");
    }
    Files.createDirectories(Path.of(home, "jars")); // where Spark looks for its jars before it starts a process
    String cache = System.getenv("DJL_CACHE_DIR") == null ? System.getProperty("DJL_CACHE_DIR") : System.getenv("DJL_CACHE_DIR");
    return new JavaSparkContext(new SparkConf().setAppName("nlar spark-train").setMaster("local-cluster[" + executors + ",1,2048]")
        .set("spark.ui.enabled", "false")
        .set("spark.executor.memory", "2g")
        .set("spark.executor.extraClassPath", Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString()).collect(Collectors.joining(File.pathSeparator)))
        .set("spark.executor.extraJavaOptions", "-XX:NativeMemoryTracking=summary -Dai.djl.pytorch.num_threads=1 -DOPT_OUT_TRACKING=true"
            + " -DDJL_CACHE_DIR='" + cache + "'")
        .set("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
        .set("spark.executorEnv.SPARK_SCALA_VERSION", "2.13"));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
