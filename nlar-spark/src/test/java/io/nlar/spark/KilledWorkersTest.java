package io.nlar.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.spark.DyingFileSystem.Death;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of workers that end, or hang, in the middle of training, over encrypted connections: it has the bits of the undisturbed one. */
class KilledWorkersTest {
  private static final int STEPS = 8;

  @TempDir
  private static Path shared;
  private static Path deadly;
  private static JavaSparkContext context;

  @TempDir
  private Path folder;

  @BeforeAll
  static void open() {
    deadly = shared.resolve("dead");
    context = Cluster.open(2, 1, Map.of("spark.hadoop.fs.dying.impl", DyingFileSystem.class.getName(),
        "spark.hadoop." + DyingFileSystem.MARK, deadly.toString(),
        "spark.hadoop." + DyingFileSystem.DEADLY, ".*/step-0+6-.*/00001\\.state",
        "spark.authenticate", "true", "spark.authenticate.secret", "between us", "spark.network.crypto.enabled", "true",
        "spark.barrier.sync.timeout", "15s",
        "spark.task.reaper.enabled", "true", "spark.task.reaper.killTimeout", "5s"));
  }

  @AfterAll
  static void close() {
    context.close();
  }

  private SparkTraining training(GradientSource.Function function, String place) {
    return Model.training(context, function).workers(2).steps(STEPS).checkpoints(place, 2);
  }

  @Test
  void aWorkerKilledInMidStep() throws Exception {
    Path mark = folder.resolve("mark");
    String told = mark.toString();
    TrainingResult result = training((step, microBatch, values, gradients) -> {
      if (step == 5 && microBatch == 3) {
        Death.once(Path.of(told));
      }
      return Model.gradients(step, microBatch, values, gradients);
    }, folder.resolve("c").toUri().toString()).run();
    assertTrue(Files.exists(mark), "nobody died");
    assertEquals(4, result.resumedAt());
    SparkTrainingTest.assertSame(Model.plain(STEPS), result, folder.resolve("c"));
  }

  @Test
  void aWorkerKilledInMidSave() throws Exception {
    TrainingResult result = training(Model::gradients, "dying://" + folder.resolve("c").toUri().getPath()).run();
    assertTrue(Files.exists(deadly), "nobody died");
    assertEquals(4, result.resumedAt(), "the half-written checkpoint of step 6 is not taken");
    SparkTrainingTest.assertSame(Model.plain(STEPS), result, folder.resolve("c"));
  }

  /** Killed from outside, without a word. */
  @Test
  @Tag("slow")
  void aLostExecutor() throws Exception {
    Path mark = folder.resolve("mark");
    String told = mark.toString();
    Thread killer = Thread.ofVirtual().start(() -> {
      try {
        while (!Files.exists(mark) || Files.size(mark) == 0) {
          Thread.sleep(20);
        }
        ProcessHandle.of(Long.parseLong(Files.readString(mark))).orElseThrow().destroyForcibly();
      } catch (Exception failure) {
        throw new IllegalStateException(failure);
      }
    });
    TrainingResult result = training((step, microBatch, values, gradients) -> {
      if (step == 5 && microBatch == 0 && Death.first(Path.of(told))) {
        Files.writeString(Path.of(told + ".new"), String.valueOf(ProcessHandle.current().pid()));
        Files.move(Path.of(told + ".new"), Path.of(told), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Thread.sleep(60_000);
      }
      return Model.gradients(step, microBatch, values, gradients);
    }, folder.resolve("c").toUri().toString()).run();
    killer.join();
    assertEquals(4, result.resumedAt());
    SparkTrainingTest.assertSame(Model.plain(STEPS), result, folder.resolve("c"));
  }

  /** A straggler costs time, and nothing else. */
  @Test
  void aStraggler() throws Exception {
    TrainingResult result = training((step, microBatch, values, gradients) -> {
      Thread.sleep(step == 3 && microBatch == 4 ? 3000 : 0);
      return Model.gradients(step, microBatch, values, gradients);
    }, folder.resolve("c").toUri().toString()).run();
    assertEquals(0, result.resumedAt());
    assertTrue(result.workers().get(0).times().waiting() > 2.5, result.workers().toString());
    SparkTrainingTest.assertSame(Model.plain(STEPS), result, folder.resolve("c"));
  }

  /** One that never comes back is taken for failed after Spark's limit for barriers. */
  @Test
  @Tag("slow")
  void aWorkerThatHangs() throws Exception {
    String told = folder.resolve("mark").toString();
    TrainingResult result = training((step, microBatch, values, gradients) -> {
      if (step == 5 && microBatch == 4 && Death.first(Path.of(told))) {
        Thread.sleep(60_000);
      }
      return Model.gradients(step, microBatch, values, gradients);
    }, folder.resolve("c").toUri().toString()).run();
    assertEquals(4, result.resumedAt());
    SparkTrainingTest.assertSame(Model.plain(STEPS), result, folder.resolve("c"));
  }

  /** What recovery rests on: without checkpoints training begins anew, and still ends with the same bits. */
  @Test
  @Tag("slow")
  void withoutCheckpointsFromTheStart() throws Exception {
    String told = folder.resolve("mark").toString();
    TrainingResult result = Model.training(context, (step, microBatch, values, gradients) -> {
      if (step == 5 && microBatch == 3) {
        Death.once(Path.of(told));
      }
      return Model.gradients(step, microBatch, values, gradients);
    }).workers(2).steps(STEPS).run();
    assertEquals(0, result.resumedAt());
    Model.plain(STEPS).parameters().forEach((name, values) ->
        org.junit.jupiter.api.Assertions.assertArrayEquals(values, result.parameters().get(name), name));
  }
}
