package io.nlar.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.nlar.ParameterException;
import io.nlar.Slot;
import io.nlar.StepConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters that are frozen, unfrozen, replaced or shared between batches. */
class FreezingTest {
  private static final StepConfig CONFIG = StepConfig.nlarcm().withLearningRate(0.03);

  private final Random random = new Random(1);

  private static NlarOptimizer optimizer(Model model, boolean withBlock) {
    var builder = NlarOptimizer.builder().optConfig(CONFIG);
    return withBlock ? builder.optBlock(model.getBlock()).build() : builder.build();
  }

  /** A batch as DJL does it: only what is not frozen is handed over. */
  private void batch(Model model, NlarOptimizer optimizer, boolean lastFirst) {
    Models.backward(model, random, DataType.FLOAT32);
    List<Parameter> trained = new ArrayList<>(Models.parameters(model));
    trained.removeIf(parameter -> !parameter.requiresGradient());
    if (lastFirst) {
      java.util.Collections.reverse(trained);
    }
    Models.update(optimizer, trained);
  }

  private static byte[] bits(Parameter parameter) {
    return Models.bits(Models.values(parameter.getArray()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aParameterFrozenInMidTrainingStaysUntilItIsUnfrozen(boolean withBlock) {
    try (Model model = Models.initialised(1, DataType.FLOAT32); NlarOptimizer optimizer = optimizer(model, withBlock)) {
      Parameter first = Models.parameters(model).getFirst();
      Parameter last = Models.parameters(model).getLast();
      batch(model, optimizer, false);
      batch(model, optimizer, false);
      first.freeze(true);
      byte[] frozen = bits(first);
      for (int i = 0; i < 3; i++) {
        byte[] before = bits(last);
        batch(model, optimizer, false);
        assertArrayEquals(frozen, bits(first));
        assertFalse(java.util.Arrays.equals(before, bits(last)), "the others go on");
      }
      first.freeze(false);
      batch(model, optimizer, true);
      assertFalse(java.util.Arrays.equals(frozen, bits(first)));
      assertEquals(6, optimizer.step().stats().applied());
    }
  }

  @Test
  void aFrozenTensorThatIsCopiedStaysToo() {
    try (Model model = Model.newInstance("gaps")) {
      NDArray weight = model.getNDManager().create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3)).transpose();
      NDArray plain = model.getNDManager().create(new float[] {1, 2});
      for (NDArray array : List.of(weight, plain)) {
        array.setName("named");
        array.setRequiresGradient(true);
      }
      try (NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).build()) {
        float[] frozen = null;
        for (int i = 0; i < 6; i++) {
          if (i == 3) {
            frozen = weight.toFloatArray();
            weight.setRequiresGradient(false);
          }
          try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(weight.square().sum().add(plain.square().sum()));
          }
          float before = plain.getFloat(0);
          optimizer.update("plain", plain, null);
          if (frozen == null) {
            optimizer.update("weight", weight, null);
          }
          assertTrue(plain.getFloat(0) < before);
        }
        assertArrayEquals(frozen, weight.toFloatArray());
        assertEquals(6, optimizer.step().stats().applied());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsUnfrozenJoinsWithItsFirstBatchWhichIsOneStep(boolean lastFirst) {
    try (Model model = Models.initialised(2, DataType.FLOAT32)) {
      Parameter last = Models.parameters(model).getLast();
      last.freeze(true);
      try (NlarOptimizer optimizer = optimizer(model, true)) {
        batch(model, optimizer, lastFirst);
        batch(model, optimizer, lastFirst);
        byte[] frozen = bits(last);
        last.freeze(false);
        batch(model, optimizer, lastFirst);
        assertEquals(3, optimizer.step().stats().applied(), "one step a batch");
        assertEquals(Models.parameters(model).size(), optimizer.step().parameters().size());
        assertFalse(java.util.Arrays.equals(frozen, bits(last)));
        batch(model, optimizer, lastFirst);
        assertFalse(java.util.Arrays.equals(frozen, bits(last)));
        assertEquals(4, optimizer.step().stats().applied());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true"})
  void batchesOfOneHalfAndTheOtherAreOneStepEach(boolean withBlock, boolean allTrainedBefore) {
    try (Model model = Models.initialised(3, DataType.FLOAT32); NlarOptimizer optimizer = optimizer(model, withBlock)) {
      List<Parameter> parameters = Models.parameters(model);
      int batches = 0;
      if (allTrainedBefore) {
        batch(model, optimizer, false);
        batches++;
      }
      for (int i = 0; i < 4; i++) {
        for (int p = 0; p < parameters.size(); p++) {
          parameters.get(p).freeze(p % 2 == i % 2);
        }
        List<byte[]> before = parameters.stream().map(FreezingTest::bits).toList();
        batch(model, optimizer, false);
        assertEquals(++batches, optimizer.step().stats().applied());
        for (int p = 0; p < parameters.size(); p++) {
          assertEquals(p % 2 == i % 2, java.util.Arrays.equals(before.get(p), bits(parameters.get(p))), "parameter " + p);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneReplacedTensorIsFollowedWithoutASecondStep(boolean lastFirst) {
    try (Model model = Models.initialised(4, DataType.FLOAT32); NlarOptimizer optimizer = optimizer(model, true)) {
      Parameter last = Models.parameters(model).getLast();
      batch(model, optimizer, lastFirst);
      batch(model, optimizer, lastFirst);
      last.close();
      last.initialize(model.getNDManager(), DataType.FLOAT32);
      byte[] fresh = bits(last);
      batch(model, optimizer, lastFirst);
      assertEquals(3, optimizer.step().stats().applied());
      assertFalse(java.util.Arrays.equals(fresh, bits(last)));
    }
  }

  @Test
  void aFrozenParameterKeepsItsStateWhenAnotherIsReplaced() {
    try (Model model = Models.initialised(5, DataType.FLOAT32); NlarOptimizer optimizer = optimizer(model, true)) {
      List<Parameter> parameters = Models.parameters(model);
      batch(model, optimizer, false);
      String name = optimizer.step().parameters().getFirst();
      Slot slot = CONFIG.slots().iterator().next();
      float[] state = new float[(int) parameters.getFirst().getArray().size()];
      try (var buffer = optimizer.step().state(name, slot)) {
        buffer.copyTo(java.lang.foreign.MemorySegment.ofArray(state));
      }
      parameters.getFirst().freeze(true);
      parameters.getLast().close();
      parameters.getLast().initialize(model.getNDManager(), DataType.FLOAT32);
      batch(model, optimizer, false);
      float[] kept = new float[state.length];
      try (var buffer = optimizer.step().state(name, slot)) {
        buffer.copyTo(java.lang.foreign.MemorySegment.ofArray(kept));
      }
      assertArrayEquals(state, kept);
    }
  }

  @Test
  void aTensorThatCollectsNoGradientsIsRefused() {
    try (Model model = Models.initialised(6, DataType.FLOAT32); NlarOptimizer optimizer = optimizer(model, true)) {
      batch(model, optimizer, false);
      Parameter first = Models.parameters(model).getFirst();
      first.freeze(true);
      var failure = assertThrows(ParameterException.class, () -> optimizer.update(first.getId(), first.getArray(), null));
      assertTrue(failure.getMessage().contains("freeze(false)"), failure.getMessage());
      assertEquals(1, optimizer.step().stats().applied());
    }
  }

  /** Two parameters with one tensor. */
  private static final class Tied extends AbstractBlock {
    Tied(NDArray shared) {
      for (String name : List.of("a", "b")) {
        addParameter(Parameter.builder().setName(name).setType(Parameter.Type.WEIGHT).optArray(shared).build());
      }
    }

    @Override
    protected NDList forwardInternal(ParameterStore store, NDList inputs, boolean training,
        PairList<String, Object> params) {
      return inputs;
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return inputShapes;
    }
  }

  @Test
  void aSharedTensorIsOneParameter() {
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray shared = manager.create(new float[] {1, 2});
      shared.setRequiresGradient(true);
      Tied block = new Tied(shared);
      try (NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).optBlock(block).build()) {
        for (int i = 1; i <= 3; i++) {
          try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(shared.square().sum());
          }
          for (Parameter parameter : block.getParameters().values()) {
            optimizer.update(parameter.getId(), parameter.getArray(), null);
          }
          assertEquals(i, optimizer.step().stats().applied());
        }
        assertEquals(List.of("a"), optimizer.step().parameters());
      }
    }
  }
}
