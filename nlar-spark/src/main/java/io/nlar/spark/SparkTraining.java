package io.nlar.spark;

import io.nlar.StepConfig;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Data-parallel training on Apache Spark. Each step consists of numbered micro-batches, which the workers share; their gradients
 * are averaged, every worker updates its share of the parameters, with its share of the state, and all take the new values.
 *
 * <p><b>The same bits</b> come of the same parameters, settings and micro-batches for any number of workers, also after restarts,
 * where {@link Gradients#compute} returns the same for the same arguments: the average is a {@linkplain io.nlar.GradientTree
 * binary tree} over the numbers of micro-batches, the norm one over blocks of the whole parameters.
 *
 * <p><b>Failures</b> of workers are Spark's to notice. It then starts all of them anew, which go on from the latest complete checkpoint,
 * or from the start where there is none; {@code spark.stage.maxConsecutiveAttempts} says how often. A training that is run
 * again with the same folder goes on in the same way. A worker that hangs fails after {@code spark.barrier.sync.timeout}.
 *
 * <p>All workers run at once, as tasks of one barrier stage, so that the cluster must have as many free slots. Every worker
 * holds the whole parameters, gradients of one micro-batch and of sums, at most twice as many as log₂ of its micro-batches, and 1/W of the state. Parameters
 * are FLOAT32, in all less than 2<sup>31</sup> elements; steps run on executors' CPUs, with {@code spark.task.cpus} threads
 * each. Executors need the Java options of {@link #JAVA_OPTIONS} for vector kernels, which Spark 4.2 sets itself.
 *
 * <p>An instance is set up by one thread. {@link #run} may be called again, and begins anew.
 */
public final class SparkTraining {
  /** What executors' Java is to be started with. */
  public static final String JAVA_OPTIONS = "--add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED";

  private static final long PATIENCE = 60_000;

  private final JavaSparkContext context;
  private final GradientSource source;
  private final Map<String, float[]> parameters = new LinkedHashMap<>();
  private final List<Layout.Group> groups = new ArrayList<>();
  private int workers = 1;
  private int microBatches = 1;
  private long steps = 1;
  private RateSchedule schedule = step -> 1;
  private String folder;
  private long every;
  private int keep = 2;

  private SparkTraining(JavaSparkContext context, GradientSource source) {
    this.context = Objects.requireNonNull(context, "context");
    this.source = Objects.requireNonNull(source, "source");
  }

  /** Training with gradients from a source that is opened on every worker. */
  public static SparkTraining of(JavaSparkContext context, GradientSource source) {
    return new SparkTraining(context, source);
  }

  /** Training with gradients from a function. */
  public static SparkTraining ofFunction(JavaSparkContext context, GradientSource.Function function) {
    return new SparkTraining(context, GradientSource.of(Objects.requireNonNull(function, "function")));
  }

  /**
   * Adds a group of parameters.
   *
   * @param config its settings
   * @param initial initial values by name, in the order of the map; not copied, and not changed
   * @throws TrainingException if it is empty, or a name is there already
   */
  public SparkTraining add(StepConfig config, Map<String, float[]> initial) {
    Objects.requireNonNull(config, "config");
    if (initial.isEmpty()) {
      throw new TrainingException("a group of no parameters; give at least one, with its initial values");
    }
    int from = parameters.size();
    initial.forEach((name, values) -> {
      if (parameters.putIfAbsent(name, Objects.requireNonNull(values, name)) != null) {
        throw new TrainingException("the parameter '" + name + "' is there already; names are unique over all groups");
      }
    });
    groups.add(new Layout.Group(config, from, parameters.size()));
    return this;
  }

  /** How many workers share each step, at least 1; 1 by default. */
  public SparkTraining workers(int workers) {
    this.workers = (int) positive("workers", workers);
    return this;
  }

  /** How many micro-batches a step has, at least 1; 1 by default. Workers beyond it would have nothing to compute. */
  public SparkTraining microBatches(int microBatches) {
    this.microBatches = (int) positive("micro-batches", microBatches);
    return this;
  }

  /** How many steps there are, at least 1 and less than 2<sup>31</sup>; those before a checkpoint included. */
  public SparkTraining steps(long steps) {
    this.steps = positive("steps", steps);
    if (steps > Integer.MAX_VALUE - 8) {
      throw new TrainingException(steps + " steps; the losses of at most " + (Integer.MAX_VALUE - 8) + " are kept");
    }
    return this;
  }

  /** Factors on the scaled gradients; 1 by default. */
  public SparkTraining schedule(RateSchedule schedule) {
    this.schedule = Objects.requireNonNull(schedule, "schedule");
    return this;
  }

  /**
   * Writes checkpoints, and begins with the latest one that is there and complete.
   *
   * @param folder for this training's alone, on any file system of Hadoop that all workers reach; it is made where it is not there
   * @param every steps from one to the next; the last step has one in any case
   */
  public SparkTraining checkpoints(String folder, long every) {
    this.folder = Objects.requireNonNull(folder, "folder");
    this.every = positive("steps from a checkpoint to the next", every);
    return this;
  }

  /** How many of the latest checkpoints are kept, at least 1; 2 by default. */
  public SparkTraining keepCheckpoints(int keep) {
    this.keep = (int) positive("checkpoints to keep", keep);
    return this;
  }

  private static long positive(String what, long number) {
    if (number < 1) {
      throw new TrainingException(what + ": " + number + "; there must be at least 1");
    }
    return number;
  }

  /**
   * Trains, and returns when all steps are done.
   *
   * @throws TrainingException if there are no parameters, or more elements than a worker can hold
   *     (Spark throws its own {@code SparkException}, checked but undeclared, when it has given up starting workers again)
   */
  public TrainingResult run() {
    if (parameters.isEmpty()) {
      throw new TrainingException("there are no parameters; add(config, initialValues) adds some");
    }
    Map<String, Integer> lengths = new LinkedHashMap<>();
    parameters.forEach((name, values) -> lengths.put(name, values.length));
    Layout layout = new Layout(groups, lengths, workers);
    if (layout.elements() > Integer.MAX_VALUE - 8) {
      throw new TrainingException(layout.elements() + " elements in all parameters; a worker lays at most "
          + (Integer.MAX_VALUE - 8) + " end to end");
    }
    SparkContext spark = context.sc();
    Plan plan = new Plan(layout, source, UUID.randomUUID().toString().substring(0, 8), steps, microBatches, schedule, folder, every,
        keep, new SerializableConfiguration(context.hadoopConfiguration()));
    Broadcast<float[][]> initial = context.broadcast(parameters.values().toArray(float[][]::new));
    try {
      awaitSlots(spark);
      ClassTag<Outcome> type = ClassTag$.MODULE$.apply(Outcome.class);
      JavaRDD<Outcome> trained = context.parallelize(IntStream.range(0, workers).boxed().toList(), workers).rdd().barrier()
          .mapPartitions(new WorkerTask(plan, initial), false, type).toJavaRDD();
      // Spark starts a barrier stage anew only where a shuffle follows it.
      List<Outcome> outcomes = new ArrayList<>(trained.mapToPair(outcome -> new Tuple2<>(outcome.report().worker(), outcome))
          .partitionBy(new HashPartitioner(1)).values().collect());
      outcomes.sort(Comparator.comparingInt(outcome -> outcome.report().worker()));
      return result(layout, outcomes);
    } finally {
      initial.destroy(true);
    }
  }

  /** Executors may still be starting: Spark looks for slots at once, and then only after a quarter of a minute. */
  private void awaitSlots(SparkContext spark) {
    long end = System.currentTimeMillis() + PATIENCE;
    while (spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile()) < workers
        && System.currentTimeMillis() < end) {
      try {
        Thread.sleep(50);
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static TrainingResult result(Layout layout, List<Outcome> outcomes) {
    float[][] values = layout.arrays();
    for (int worker = 0; worker < outcomes.size(); worker++) {
      layout.scatter(MemorySegment.ofArray(outcomes.get(worker).values()), layout.shareByte(worker), values);
    }
    Outcome first = outcomes.getFirst();
    return new TrainingResult(layout.named(values), first.losses(), first.applied(), first.skipped(), first.resumedAt(),
        outcomes.stream().map(Outcome::report).toList());
  }
}
