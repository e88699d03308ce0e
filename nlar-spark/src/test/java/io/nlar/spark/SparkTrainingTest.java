package io.nlar.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.Precision;
import io.nlar.Restore;
import io.nlar.Scaling;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on two executors of two cores each, with a secret, against the same training without Spark. */
class SparkTrainingTest {
  private static final int STEPS = 6;

  private static JavaSparkContext context;

  @TempDir
  private Path folder;

  @BeforeAll
  static void open() {
    context = Cluster.open(2, 2, Map.of("spark.authenticate", "true", "spark.authenticate.secret", "between us"));
  }

  @AfterAll
  static void close() {
    context.close();
  }

  /** Equal values, losses and, from the latest checkpoint, state. */
  static void assertSame(Model.Trained expected, TrainingResult result, Path checkpoints) throws IOException {
    expected.parameters().forEach((name, values) -> assertArrayEquals(values, result.parameters().get(name), name));
    assertArrayEquals(expected.losses(), result.losses());
    Map<String, float[]> gradients = new LinkedHashMap<>();
    result.parameters().forEach((name, array) -> gradients.put(name, new float[array.length]));
    List<FileChannel> channels = new ArrayList<>();
    try (Device device = Backends.open("cpu")) {
      Step step = Model.compile(device, result.parameters(), gradients);
      for (Path file : states(latest(checkpoints))) {
        channels.add(FileChannel.open(file));
      }
      step.restoreAll(channels, Restore.STRICT);
      Map<String, byte[]> state = Model.state(step);
      assertEquals(expected.state().keySet(), state.keySet());
      expected.state().forEach((slot, bytes) -> assertArrayEquals(bytes, state.get(slot), slot));
    } finally {
      for (FileChannel channel : channels) {
        channel.close();
      }
    }
  }

  private static List<Path> folders(Path checkpoints) throws IOException {
    try (Stream<Path> folders = Files.list(checkpoints)) {
      return folders.filter(Files::isDirectory).sorted().toList();
    }
  }

  private static Path latest(Path checkpoints) throws IOException {
    return folders(checkpoints).getLast();
  }

  private static List<Path> states(Path checkpoint) throws IOException {
    try (Stream<Path> files = Files.list(checkpoint)) {
      return files.filter(file -> file.toString().endsWith(".state")).sorted().toList();
    }
  }

  @Test
  void anyNumberOfWorkersHasTheBitsOfOneProcess() throws IOException {
    Model.Trained expected = Model.plain(STEPS);
    for (int workers : new int[] {1, 2, 4}) {
      Path own = folder.resolve("w" + workers);
      TrainingResult result = Model.training(context, Model::gradients).workers(workers).steps(STEPS)
          .checkpoints(own.toUri().toString(), STEPS).run();
      assertSame(expected, result, own);
      assertEquals(STEPS, result.applied());
      assertEquals(0, result.resumedAt());
      long elements = 5000 + 10 + 3 * 1024 + 4000;
      assertEquals(elements, result.workers().stream().mapToLong(WorkerReport::elements).sum());
      assertEquals(workers, states(latest(own)).size());
    }
  }

  @Test
  void moreWorkersThanMicroBatches() throws IOException {
    TrainingResult result = SparkTraining.ofFunction(context, Model::gradients).add(StepConfig.nlarcm(), Model.first())
        .workers(3).steps(2).run();
    TrainingResult alone = SparkTraining.ofFunction(context, Model::gradients).add(StepConfig.nlarcm(), Model.first())
        .workers(1).steps(2).run();
    alone.parameters().forEach((name, values) -> assertArrayEquals(values, result.parameters().get(name), name));
  }

  /** A checkpoint of two workers is taken by four; earlier ones, what is none, and one that lacks bytes are not. */
  @Test
  void anotherRunGoesOnFromTheLatestCompleteCheckpointWithOtherWorkers() throws IOException {
    String place = folder.toUri().toString();
    Model.training(context, Model::gradients).workers(2).steps(4).checkpoints(place, 1).keepCheckpoints(3).run();
    List<Path> kept = folders(folder);
    assertEquals(3, kept.size(), kept.toString());
    Files.delete(kept.get(2).resolve("manifest.json"));
    Path torn = states(kept.get(1)).getFirst();
    byte[] bytes = Files.readAllBytes(torn);
    try (Stream<Path> sums = Files.list(kept.get(1))) {
      for (Path sum : sums.filter(file -> file.toString().endsWith(".crc")).toList()) {
        Files.delete(sum); // Hadoop's own checksums, which other file systems have not
      }
    }
    Files.write(torn, java.util.Arrays.copyOf(bytes, bytes.length - 1));
    TrainingResult result = Model.training(context, Model::gradients).workers(4).steps(STEPS).checkpoints(place, 10).run();
    assertEquals(2, result.resumedAt());
    assertSame(Model.plain(STEPS), result, folder);
    // Kept are the latest two that are complete: what lacks a manifest, or a byte, is none of them.
    List<String> left = folders(folder).stream().map(path -> path.getFileName().toString().replaceAll("step-0*(\\d+)-.*", "$1")).toList();
    assertEquals(List.of("2", "6"), left);
  }

  @Test
  void aDamagedCheckpointIsNotSilentlyReplacedByAnEarlierStart() throws IOException {
    String place = folder.toUri().toString();
    Model.training(context, Model::gradients).workers(1).steps(1).checkpoints(place, 1).run();
    Path values = latest(folder).resolve("00000.values");
    byte[] bytes = Files.readAllBytes(values);
    bytes[100] ^= 1;
    Files.delete(latest(folder).resolve(".00000.values.crc"));
    Files.write(values, bytes);
    Exception failure = assertThrows(Exception.class,
        () -> Model.training(context, Model::gradients).workers(2).steps(2).checkpoints(place, 1).run());
    assertTrue(failure.getMessage().contains("00000.values is damaged"), failure.getMessage());
  }

  @Test
  void aCheckpointOfOtherParametersIsRefused() {
    String place = folder.toUri().toString();
    Model.training(context, Model::gradients).steps(1).checkpoints(place, 1).run();
    Exception failure = assertThrows(Exception.class, () -> SparkTraining.ofFunction(context, Model::gradients)
        .add(StepConfig.nlarcm(), Model.first()).steps(2).checkpoints(place, 1).run());
    assertTrue(failure.getMessage().contains("is a checkpoint of other parameters"), failure.getMessage());
  }

  /** Workers that own nothing and compute nothing still keep step. */
  @Test
  void moreWorkersThanBlocks() throws IOException {
    Map<String, float[]> initial = Map.of("bias", Model.first().get("bias"));
    float[][] results = new float[2][];
    for (int i = 0; i < 2; i++) {
      results[i] = SparkTraining.ofFunction(context, Model::gradients).add(StepConfig.adamw(), initial).workers(i == 0 ? 1 : 4)
          .microBatches(2).steps(20).run().parameters().get("bias");
    }
    assertArrayEquals(results[0], results[1]);
  }

  @Test
  void stateIsDividedAndMemoryStaysFlat() {
    int elements = 400_000;
    StepConfig config = StepConfig.nlarcm();
    TrainingResult result = SparkTraining.ofFunction(context, new Watching()).add(config, Map.of("w", new float[elements]))
        .workers(2).microBatches(4).steps(Watching.LATE + 1).run();
    for (WorkerReport worker : result.workers()) {
      assertTrue(worker.stateBytes() <= config.stateBytes(io.nlar.DType.FLOAT32, elements) / 2 + (1 << 20), worker.toString());
      assertTrue(worker.stateBytes() > 0);
      // Java's own code, threads and classes; Netty's buffers, not the parameters
      assertTrue(worker.nativeBytes() > 20 << 20 && worker.nativeBytes() < 300 << 20, worker.toString());
      assertTrue(!Files.exists(Path.of("/proc/self/status")) || worker.peakResident() > worker.nativeBytes() / 2, worker.toString());
    }
    // Each step exchanges as many bytes as there are in the parameters: those between leave less than half of them.
    double early = result.losses()[Watching.EARLY];
    double late = result.losses()[Watching.LATE];
    assertTrue(early > elements * Float.BYTES, "used " + early);
    assertTrue(late < early + elements * Float.BYTES / 2, early + " bytes, then " + late);
  }

  /** Its loss in two steps is what its process then uses of the heap. */
  private static final class Watching implements GradientSource.Function {
    static final int EARLY = 3;
    static final int LATE = 30;

    @Override
    public double compute(long step, int microBatch, Map<String, float[]> values, Map<String, float[]> gradients) {
      gradients.get("w")[microBatch] = 1;
      if (step != EARLY && step != LATE) {
        return 0;
      }
      System.gc();
      return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
  }

  @Test
  void nothingIsLeftListeningOrConnected() throws InterruptedException {
    Model.training(context, Model::gradients).workers(4).steps(3).run();
    List<Long> left = List.of();
    for (int look = 0; look < 100; look++) { // Netty's threads end some seconds after their last connection
      left = context.parallelize(List.of(0, 1, 2, 3), 4).map(i -> {
        Thread.sleep(100); // so that each core has one
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().startsWith("nlar-")).count();
      }).collect();
      if (left.equals(List.of(0L, 0L, 0L, 0L))) {
        return;
      }
      Thread.sleep(100);
    }
    fail("threads of transports: " + left);
  }

  @Test
  void everySettingPassesThroughAClosureEqual() {
    List<StepConfig> all = List.of(
        StepConfig.nlarcm().withScaling(new Scaling.TensorNorm(2)).withNoise(new Noise.Fresh(7)).withPrecision(Precision.compact()),
        StepConfig.nlarsm().withWeightDecay(1.0 / 3), StepConfig.nlarpm().withNoise(new Noise.Frozen(3)), StepConfig.nlarbb(),
        StepConfig.adamw().withScaling(new Scaling.None()), StepConfig.nadamw(), StepConfig.lion(), StepConfig.scheduleFree(), StepConfig.nlarsf());
    for (StepConfig config : all) {
      List<StepConfig> back = context.parallelize(List.of(1, 2), 2).map(i -> {
        if (!config.equals(StepConfig.parse(config.text()))) {
          throw new IllegalStateException(config.text());
        }
        return config;
      }).collect();
      assertEquals(List.of(config, config), back);
    }
  }

  @Test
  void mistakesAreToldBeforeAnythingRuns() {
    SparkTraining empty = SparkTraining.ofFunction(context, Model::gradients);
    assertTrue(assertThrows(TrainingException.class, empty::run).getMessage().contains("there are no parameters"));
    assertThrows(TrainingException.class, () -> empty.workers(0));
    assertThrows(TrainingException.class, () -> empty.add(StepConfig.nlarcm(), Map.of()));
    empty.add(StepConfig.nlarcm(), Model.first());
    String twice = assertThrows(TrainingException.class, () -> empty.add(StepConfig.adamw(), Model.first())).getMessage();
    assertTrue(twice.contains("is there already"), twice);
  }
}
