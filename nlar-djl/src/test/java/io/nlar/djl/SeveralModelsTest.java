package io.nlar.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.Batch;
import ai.djl.training.loss.Loss;
import ai.djl.translate.StackBatchifier;
import io.nlar.CallOrderException;
import io.nlar.ParameterException;
import io.nlar.Restore;
import io.nlar.StepConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several models, several batches a step, and the state beside a model's files. */
class SeveralModelsTest {
  private static final StepConfig CONFIG = StepConfig.nlarcm().withLearningRate(0.03);

  @TempDir
  Path folder;

  private static NlarOptimizer optimizer() {
    return NlarOptimizer.builder().optConfig(CONFIG).build();
  }

  private static TrainingConfig config() {
    return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss()).optOptimizer(optimizer());
  }

  /** One batch as DJL's trainers train. */
  private static void train(Model model, TrainingConfig config) {
    try (Trainer trainer = model.newTrainer(config)) {
      trainer.initialize(new Shape(Models.BATCH, Models.INPUTS));
      Random random = new Random(1);
      try (Batch batch = new Batch(model.getNDManager().newSubManager(),
          new NDList(Models.inputs(model.getNDManager(), random, DataType.FLOAT32)),
          new NDList(Models.labels(model.getNDManager(), random)), Models.BATCH, new StackBatchifier(),
          new StackBatchifier(), 0, 1)) {
        EasyTrain.trainBatch(trainer, batch);
      }
      trainer.step();
    }
  }

  /** As in k-fold training: one model after the other; the first may be closed already. */
  @SuppressWarnings("try") // closed early, on purpose
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneConfigurationForTwoModelsIsRefusedWithTheRemedy(boolean closed) {
    TrainingConfig shared = config();
    try (Model first = Models.network(1, DataType.FLOAT32); Model second = Models.network(2, DataType.FLOAT32)) {
      train(first, shared);
      if (closed) {
        first.close();
      }
      var failure = assertThrows(ParameterException.class, () -> train(second, shared));
      assertTrue(failure.getMessage().contains("give each model a TrainingConfig with an NlarOptimizer of its own"),
          failure.getMessage());
      train(second, config()); // the remedy
    }
  }

  @Test
  void theBlockOfAnotherModelIsRefusedWithTheRemedy() {
    try (Model first = Models.initialised(1, DataType.FLOAT32); Model second = Models.initialised(2, DataType.FLOAT32);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).optBlock(first.getBlock()).build()) {
      Models.backward(first, new Random(1), DataType.FLOAT32);
      Models.update(optimizer, Models.parameters(first));
      Models.backward(second, new Random(1), DataType.FLOAT32);
      var failure = assertThrows(ParameterException.class, () -> Models.update(optimizer, Models.parameters(second)));
      assertTrue(failure.getMessage().contains("NlarOptimizer of its own"), failure.getMessage());
      assertTrue(!failure.getMessage().contains("builder()"), "optBlock does not help: " + failure.getMessage());
    }
  }

  /** As in a GAN: two models in turns, each with an optimizer of its own, train as if they were alone. */
  @Test
  void modelsInTurnsWithAnOptimizerEachDoNotMeet() {
    try (Model model = Models.initialised(3, DataType.FLOAT32); Model twin = Models.initialised(3, DataType.FLOAT32);
        Model other = Models.initialised(4, DataType.FLOAT32);
        NlarOptimizer ofModel = optimizer(); NlarOptimizer ofTwin = optimizer(); NlarOptimizer ofOther = optimizer()) {
      for (int i = 0; i < 4; i++) {
        Models.backward(model, new Random(i), DataType.FLOAT32);
        Models.update(ofModel, Models.parameters(model));
        Models.backward(other, new Random(i), DataType.FLOAT32);
        Models.update(ofOther, Models.parameters(other));
      }
      for (int i = 0; i < 4; i++) {
        Models.backward(twin, new Random(i), DataType.FLOAT32);
        Models.update(ofTwin, Models.parameters(twin));
      }
      assertSameBits(model, twin);
    }
  }

  /** Two batches a step, each in two passes of its own, are a step on the mean of their gradients. */
  @Test
  void gradientsAccumulateUntilTheStep() {
    try (Model model = Models.initialised(5, DataType.FLOAT32); Model twin = Models.initialised(5, DataType.FLOAT32);
        NlarOptimizer accumulating = NlarOptimizer.builder().optConfig(CONFIG).setRescaleGrad(0.5f).build();
        NlarOptimizer plain = optimizer()) {
      for (int step = 0; step < 4; step++) {
        // The same batch twice: the sum is twice the gradient, exactly, and half of it the gradient itself.
        Models.backward(model, new Random(step), DataType.FLOAT32);
        Models.backward(model, new Random(step), DataType.FLOAT32);
        Models.update(accumulating, Models.parameters(model));
        Models.backward(twin, new Random(step), DataType.FLOAT32);
        Models.update(plain, Models.parameters(twin));
        assertSameBits(twin, model);
      }
      assertEquals(4, accumulating.step().stats().applied());
    }
  }

  private static void assertSameBits(Model expected, Model found) {
    List<Object> some = Models.values(expected);
    List<Object> others = Models.values(found);
    for (int i = 0; i < some.size(); i++) {
      assertArrayEquals(Models.bits(some.get(i)), Models.bits(others.get(i)), "parameter " + i);
    }
  }

  private static void steps(Model model, NlarOptimizer optimizer, int from, int to) {
    for (int i = from; i < to; i++) {
      Models.backward(model, new Random(i), DataType.FLOAT32);
      Models.update(optimizer, Models.parameters(model));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theStateIsSavedBesideTheModelInOneCall(boolean numbered) throws Exception {
    try (Model model = Models.initialised(6, DataType.FLOAT32); NlarOptimizer optimizer = optimizer()) {
      steps(model, optimizer, 0, 3);
      if (numbered) {
        model.setProperty("Epoch", "7");
      }
      optimizer.save(model, folder, "net");
      steps(model, optimizer, 3, 5);
      if (numbered) {
        model.setProperty("Epoch", "12");
      }
      optimizer.save(model, folder, "net");
      String latest = numbered ? "net-0012" : "net-0001";
      assertTrue(Files.exists(folder.resolve(latest + ".params")), "DJL numbers as we do");
      assertTrue(Files.exists(folder.resolve(latest + ".safetensors")));
      steps(model, optimizer, 5, 8);
      try (Model loaded = Models.network(7, DataType.FLOAT32); NlarOptimizer resumed = optimizer()) {
        loaded.load(folder, "net");
        loaded.getBlock().initialize(loaded.getNDManager(), DataType.FLOAT32, new Shape(Models.BATCH, Models.INPUTS));
        resumed.restore(loaded, folder, "net", Restore.STRICT);
        assertEquals(5, resumed.step().stats().applied());
        steps(loaded, resumed, 5, 8);
        assertSameBits(model, loaded);
      }
    }
  }

  @Test
  void whatIsMissingIsSaidWithWhatToDo() throws Exception {
    try (Model model = Models.initialised(8, DataType.FLOAT32); NlarOptimizer optimizer = optimizer()) {
      var none = assertThrows(IOException.class, () -> optimizer.restore(model, folder, "net", Restore.STRICT));
      assertTrue(none.getMessage().contains("no parameters of a model 'net' in " + folder), none.getMessage());
      model.save(folder, "net");
      var stateless = assertThrows(IOException.class, () -> optimizer.restore(model, folder, "net", Restore.STRICT));
      assertTrue(stateless.getMessage().contains(folder.resolve("net-0000.safetensors").toString()),
          stateless.getMessage());
      assertThrows(CallOrderException.class, () -> optimizer.save(model, folder, "net"), "there is no state yet");
      steps(model, optimizer, 0, 1);
      optimizer.save(model, folder, "net");
    }
    try (Model model = Models.network(9, DataType.FLOAT32); NlarOptimizer optimizer = optimizer()) {
      var early = assertThrows(CallOrderException.class,
          () -> optimizer.restore(model, folder, "net", Restore.STRICT));
      assertTrue(early.getMessage().contains("initialize the block"), early.getMessage());
      assertTrue(early.getMessage().contains("Linear_weight"), early.getMessage());
    }
  }
}
