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
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import com.sun.management.ThreadMXBean;
import io.nlar.Backends;
import io.nlar.CallOrderException;
import io.nlar.ClosedException;
import io.nlar.Device;
import io.nlar.DType;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.NonFiniteGradientException;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Restore;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NlarOptimizerTest {
  private static final StepConfig CONFIG = StepConfig.nlarcm().withLearningRate(0.03);

  @TempDir
  Path folder;

  /** The step on Java arrays that the optimizer is measured against. */
  private static final class Direct implements AutoCloseable {
    private final Device device = Backends.open("cpu");
    private final List<Object> values;
    private final List<Object> gradients;
    private final Step step;

    Direct(Model model, DType type, StepConfig config) {
      values = Models.values(model);
      gradients = Models.values(model);
      List<io.nlar.Parameter> parameters = new ArrayList<>();
      for (int i = 0; i < values.size(); i++) {
        parameters.add(new io.nlar.Parameter("p" + i, device.wrap(type, Models.segment(values.get(i))),
            device.wrap(type, Models.segment(gradients.get(i)))));
      }
      step = device.compile(List.of(new ParameterGroup(config, parameters)));
    }

    void run(List<Object> newGradients, double scale, double factor) {
      for (int i = 0; i < gradients.size(); i++) {
        MemorySegment.copy(Models.segment(newGradients.get(i)), 0, Models.segment(gradients.get(i)), 0,
            Models.segment(gradients.get(i)).byteSize());
      }
      step.await(step.run(scale, factor));
    }

    void assertSameBits(Model model) {
      List<Object> found = Models.values(model);
      for (int i = 0; i < found.size(); i++) {
        assertArrayEquals(Models.bits(values.get(i)), Models.bits(found.get(i)), "parameter " + i);
      }
    }

    @Override
    public void close() {
      device.close();
    }
  }

  private static void assertGradientsAreZero(Model model) {
    for (Object gradient : Models.gradients(model)) {
      for (byte b : Models.bits(gradient)) {
        assertEquals(0, b);
      }
    }
  }

  private static void assertDiffer(List<Object> some, List<Object> others) {
    for (int i = 0; i < some.size(); i++) {
      assertFalse(java.util.Arrays.equals(Models.bits(some.get(i)), Models.bits(others.get(i))), "parameter " + i);
    }
  }

  @Test
  void aTrainerWithNothingButTheOptimizerEqualsTheStepBitForBit() {
    try (Model model = Models.network(1, DataType.FLOAT32);
        Trainer trainer = model.newTrainer(new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
            .optOptimizer(NlarOptimizer.builder().optConfig(CONFIG).build()))) {
      trainer.initialize(new Shape(Models.BATCH, Models.INPUTS));
      List<Object> start = Models.values(model);
      Random random = new Random(1);
      try (Direct direct = new Direct(model, DType.FLOAT32, CONFIG)) {
        for (int i = 0; i < 100; i++) {
          try (NDManager scope = trainer.getManager().newSubManager()) {
            NDArray inputs = Models.inputs(scope, random, DataType.FLOAT32);
            NDArray labels = Models.labels(scope, random);
            try (GradientCollector collector = trainer.newGradientCollector()) {
              NDList outputs = trainer.forward(new NDList(inputs));
              collector.backward(trainer.getLoss().evaluate(new NDList(labels), outputs));
            }
            direct.run(Models.gradients(model), 1, 1);
            trainer.step();
          }
          direct.assertSameBits(model);
        }
      }
      assertDiffer(start, Models.values(model));
      assertGradientsAreZero(model);
    }
  }

  /** Validation, prediction and model.save see x; training goes on from θ, with the bits of a step that never evaluated. */
  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"FLOAT32", "FLOAT64"})
  void theModelEvaluatesWithTheAveragedValuesAndTrainsOnWithItsOwn(DataType type) throws IOException {
    StepConfig config = StepConfig.nlarsf();
    try (Model model = Models.initialised(3, type);
        Direct direct = new Direct(model, DType.valueOf(type.name()), config);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(config).optBlock(model.getBlock()).build()) {
      optimizer.evaluate();
      optimizer.train();
      Random random = new Random(3);
      for (int i = 0; i < 20; i++) {
        Models.backward(model, random, type);
        direct.run(Models.gradients(model), 1, 1);
        Models.update(optimizer, Models.parameters(model));
        direct.assertSameBits(model);
        List<Object> trained = Models.values(model);
        optimizer.evaluate();
        direct.step.evaluate();
        direct.assertSameBits(model);
        if (i > 2) {
          assertDiffer(trained, Models.values(model));
        }
        assertThrows(CallOrderException.class, () -> Models.update(optimizer, Models.parameters(model)));
        assertThrows(CallOrderException.class, () -> optimizer.save(model, folder, "net"));
        optimizer.save(model.getBlock(), folder.resolve("state"));
        optimizer.train();
        direct.step.train();
        direct.assertSameBits(model);
      }
      optimizer.restore(model.getBlock(), folder.resolve("state"), Restore.STRICT);
    }
  }

  /** The step's own bits. DJL's Adam adds ε before the bias correction, which single elements with tiny gradients show. */
  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"FLOAT32", "FLOAT64"})
  void adamWEqualsTheStepBitForBitAndIsDjlsAdam(DataType type) {
    StepConfig config = StepConfig.adamw().withScaling(new Scaling.None()).withWeightDecay(0);
    try (Model model = Models.initialised(3, type);
        Model other = Models.initialised(3, type);
        Direct direct = new Direct(model, DType.valueOf(type.name()), config);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(config).build()) {
      Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-3f)).build();
      Random random = new Random(3);
      Random same = new Random(3);
      for (int i = 0; i < 50; i++) {
        Models.backward(model, random, type);
        direct.run(Models.gradients(model), 1, 1);
        Models.update(optimizer, Models.parameters(model));
        direct.assertSameBits(model);
        Models.backward(other, same, type);
        for (Parameter parameter : Models.parameters(other)) {
          try (NDArray gradient = parameter.getArray().getGradient()) {
            adam.update(parameter.getId(), parameter.getArray(), gradient);
            gradient.subi(gradient);
          }
        }
      }
      for (int i = 0; i < Models.parameters(model).size(); i++) {
        try (NDArray difference = Models.parameters(model).get(i).getArray()
            .sub(Models.parameters(other).get(i).getArray()).abs().mean()) {
          double mean = difference.toType(DataType.FLOAT64, true).getDouble();
          assertTrue(mean < 1e-4, "parameter " + i + " is off by " + mean + " after 50 steps of 1e-3");
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, names = {"FLOAT32", "FLOAT64"})
  void anyOrderOfUpdatesEqualsTheStepBitForBit(DataType type) {
    try (Model model = Models.initialised(2, type);
        Direct direct = new Direct(model, DType.valueOf(type.name()), CONFIG);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).setRescaleGrad(0.5f)
            .optRateFactor(new Tracker() {
              @Override
              public float getNewValue(int batch) {
                return 1f / batch;
              }
            }).build()) {
      Random random = new Random(2);
      List<Parameter> order = new ArrayList<>(Models.parameters(model));
      for (int i = 1; i <= 100; i++) {
        Models.backward(model, random, type);
        direct.run(Models.gradients(model), 0.5, 1f / i);
        java.util.Collections.shuffle(order, random);
        Models.update(optimizer, order);
        direct.assertSameBits(model);
      }
      assertEquals(100, optimizer.step().stats().applied());
    }
  }

  /** A factor that is no float. */
  @Test
  void aScheduleIsTakenInDouble() {
    StepConfig config = StepConfig.nadamw();
    try (Model model = Models.initialised(2, DataType.FLOAT64);
        Direct direct = new Direct(model, DType.FLOAT64, config);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(config).optSchedule(i -> 1.0 / i).build()) {
      Random random = new Random(2);
      for (int i = 1; i <= 10; i++) {
        Models.backward(model, random, DataType.FLOAT64);
        direct.run(Models.gradients(model), 1, 1.0 / i);
        Models.update(optimizer, Models.parameters(model));
        direct.assertSameBits(model);
      }
    }
  }

  private static short[] halves(NDArray array) {
    return MemorySegment.ofBuffer(array.toByteBuffer(true)).toArray(ValueLayout.JAVA_SHORT_UNALIGNED);
  }

  /** float16: updated in place, from exact values that the step keeps. */
  @Test
  void halfPrecisionEqualsTheStepBitForBit() {
    try (Model model = Models.initialised(5, DataType.FLOAT16);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).optBlock(model.getBlock()).build();
        Device device = Backends.open("cpu")) {
      List<Parameter> parameters = Models.parameters(model);
      List<short[]> values = new ArrayList<>();
      List<short[]> gradients = new ArrayList<>();
      List<io.nlar.Parameter> mirrored = new ArrayList<>();
      for (Parameter parameter : parameters) {
        values.add(halves(parameter.getArray()));
        gradients.add(new short[values.getLast().length]);
        mirrored.add(new io.nlar.Parameter("p" + mirrored.size(),
            device.wrap(DType.FLOAT16, MemorySegment.ofArray(values.getLast())),
            device.wrap(DType.FLOAT16, MemorySegment.ofArray(gradients.getLast()))));
      }
      Step step = device.compile(List.of(new ParameterGroup(CONFIG, mirrored)));
      Random random = new Random(5);
      for (int batch = 0; batch < 10; batch++) {
        Models.backward(model, random, DataType.FLOAT16);
        for (int i = 0; i < parameters.size(); i++) {
          try (NDArray gradient = parameters.get(i).getArray().getGradient()) {
            System.arraycopy(halves(gradient), 0, gradients.get(i), 0, gradients.get(i).length);
          }
        }
        short[] before = values.getFirst().clone();
        step.run(1, 1);
        assertFalse(Arrays.equals(before, values.getFirst()), "the step moves values");
        Models.update(optimizer, parameters);
        for (int i = 0; i < parameters.size(); i++) {
          assertArrayEquals(values.get(i), halves(parameters.get(i).getArray()), "parameter " + i);
          try (NDArray gradient = parameters.get(i).getArray().getGradient()) {
            assertArrayEquals(new short[values.get(i).length], halves(gradient));
          }
        }
      }
      assertEquals(step.stateBytes(), optimizer.step().stateBytes());
    }
  }

  @Test
  void tensorsThatMoveAreFollowed() {
    try (Model model = Models.initialised(3, DataType.FLOAT32);
        Direct direct = new Direct(model, DType.FLOAT32, CONFIG);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).build()) {
      Random random = new Random(3);
      List<Parameter> parameters = Models.parameters(model);
      for (int i = 0; i < 20; i++) {
        NDArray weight = parameters.get(i % parameters.size()).getArray();
        if (i % 3 == 1) {
          weight.set(weight.toFloatArray()); // equal contents at another place
        }
        Models.backward(model, random, DataType.FLOAT32);
        if (i % 3 == 2) {
          NDArray gradient = weight.getGradient(); // kept open: DJL ties the new memory to this very object
          gradient.set(gradient.toFloatArray());
        }
        if (i == 7) { // other contents at another place
          float[] halved = weight.toFloatArray();
          for (int j = 0; j < halved.length; j++) {
            halved[j] /= 2;
          }
          weight.set(halved);
          MemorySegment.copy(Models.segment(halved), 0, Models.segment(direct.values.get(i % parameters.size())), 0,
              4L * halved.length);
        }
        direct.run(Models.gradients(model), 1, 1);
        Models.update(optimizer, parameters);
        direct.assertSameBits(model);
        assertGradientsAreZero(model);
      }
    }
  }

  @Test
  void tensorsWithGapsAreCopied() {
    try (Model model = Model.newInstance("gaps")) {
      NDManager manager = model.getNDManager();
      NDArray base = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
      NDArray weight = base.transpose();
      weight.setName("weight");
      weight.setRequiresGradient(true);
      NDArray plain = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
      plain.setName("plain");
      plain.setRequiresGradient(true);
      try (NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).build()) {
        for (int i = 0; i < 5; i++) {
          try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            collector.backward(weight.square().sum().add(plain.square().sum()));
          }
          optimizer.update("a", weight, weight.getGradient());
          optimizer.update("b", plain, plain.getGradient());
          assertArrayEquals(plain.toFloatArray(), weight.transpose().toFloatArray());
          assertArrayEquals(new float[6], weight.getGradient().toFloatArray());
        }
        assertTrue(plain.getFloat(0, 0) < 1);
        assertEquals(5, optimizer.step().stats().applied());
        assertEquals(2, optimizer.step().parameters().size(), "results of operations are no parameters");
      }
    }
  }

  @Test
  void aSavedStateGoesOnWithTheSameBits() throws Exception {
    Path state = folder.resolve("optimizer.safetensors");
    try (Model model = Models.initialised(4, DataType.FLOAT32);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).build()) {
      Random random = new Random(4);
      for (int i = 0; i < 10; i++) {
        Models.backward(model, random, DataType.FLOAT32);
        Models.update(optimizer, Models.parameters(model));
      }
      optimizer.save(model.getBlock(), state);
      model.save(folder, "model");
      assertTrue(optimizer.step().parameters().contains("01Linear_weight"));
      try (Model other = Models.network(5, DataType.FLOAT32);
          NlarOptimizer resumed = NlarOptimizer.builder().optConfig(CONFIG).build()) {
        other.load(folder, "model");
        other.getBlock().initialize(other.getNDManager(), DataType.FLOAT32, new Shape(Models.BATCH, Models.INPUTS));
        resumed.restore(other.getBlock(), state, Restore.STRICT);
        Random again = new Random(5);
        Random still = new Random(5);
        for (int i = 0; i < 10; i++) {
          Models.backward(model, still, DataType.FLOAT32);
          Models.update(optimizer, Models.parameters(model));
          Models.backward(other, again, DataType.FLOAT32);
          Models.update(resumed, Models.parameters(other));
        }
        assertEquals(20, resumed.step().stats().applied());
        List<Object> expected = Models.values(model);
        List<Object> found = Models.values(other);
        for (int i = 0; i < found.size(); i++) {
          assertArrayEquals(Models.bits(expected.get(i)), Models.bits(found.get(i)), "parameter " + i);
        }
      }
    }
  }

  /** Remembers for which batches it was asked. */
  private static final class Batches implements Tracker {
    private final List<Integer> asked = new ArrayList<>();

    @Override
    public float getNewValue(int batch) {
      asked.add(batch);
      return 1;
    }
  }

  @Test
  void aScheduleGoesOnAfterRestoreAndFromBeginNumUpdate() throws Exception {
    Path state = folder.resolve("scheduled.safetensors");
    try (Model model = Models.initialised(11, DataType.FLOAT32)) {
      Batches first = new Batches();
      try (NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG.withNonFinite(NonFinite.SKIP))
          .optRateFactor(first).optBeginNumUpdate(10).build()) {
        Random random = new Random(11);
        for (int i = 0; i < 3; i++) {
          Models.backward(model, random, DataType.FLOAT32);
          if (i == 1) {
            try (NDArray gradient = Models.parameters(model).getFirst().getArray().getGradient()) {
              gradient.set(new ai.djl.ndarray.index.NDIndex("0,0"), Float.NaN);
            }
          }
          Models.update(optimizer, Models.parameters(model));
        }
        assertEquals(1, optimizer.step().stats().skipped());
        optimizer.save(model.getBlock(), state);
      }
      assertEquals(List.of(11, 12, 13), first.asked);
      Batches second = new Batches();
      try (NlarOptimizer resumed = NlarOptimizer.builder().optConfig(CONFIG.withNonFinite(NonFinite.SKIP))
          .optRateFactor(second).optBeginNumUpdate(10).build()) {
        resumed.restore(model.getBlock(), state, Restore.STRICT);
        Models.backward(model, new Random(12), DataType.FLOAT32);
        Models.update(resumed, Models.parameters(model));
      }
      assertEquals(List.of(14), second.asked);
    }
  }

  /** The state counts beyond the int that DJL's schedules count in; they stay at the largest then. */
  @Test
  void aScheduleEndsWhereItsCounterEnds() throws Exception {
    Path state = folder.resolve("long.safetensors");
    Batches batches = new Batches();
    try (Model model = Models.initialised(13, DataType.FLOAT32);
        NlarOptimizer optimizer =
            NlarOptimizer.builder().optConfig(CONFIG).optRateFactor(batches).build()) {
      Models.backward(model, new Random(13), DataType.FLOAT32);
      Models.update(optimizer, Models.parameters(model));
      try (var applied = optimizer.step().control().slice(io.nlar.Control.APPLIED.ordinal(), 1)) {
        applied.copyFrom(MemorySegment.ofArray(new double[] {3e9}));
      }
      optimizer.save(model.getBlock(), state);
      optimizer.restore(model.getBlock(), state, Restore.STRICT);
      for (int i = 0; i < 2; i++) {
        Models.backward(model, new Random(13), DataType.FLOAT32);
        Models.update(optimizer, Models.parameters(model));
      }
      assertEquals(List.of(1, Integer.MAX_VALUE, Integer.MAX_VALUE), batches.asked);
      assertEquals(3_000_000_002L, optimizer.step().stats().applied());
    }
  }

  @Test
  void aStateOfAnotherModelIsRestoredWhereItMatches() throws Exception {
    Path state = folder.resolve("matching.safetensors");
    try (Model model = Models.initialised(12, DataType.FLOAT32);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).build()) {
      for (int i = 0; i < 3; i++) {
        Models.backward(model, new Random(i), DataType.FLOAT32);
        Models.update(optimizer, Models.parameters(model));
      }
      optimizer.save(model.getBlock(), state);
      var block = new ai.djl.nn.SequentialBlock().add(ai.djl.nn.core.Linear.builder().setUnits(33).build())
          .add(ai.djl.nn.Activation::relu).add(ai.djl.nn.core.Linear.builder().setUnits(33).build());
      try (NDManager manager = NDManager.newBaseManager();
          NlarOptimizer other = NlarOptimizer.builder().optConfig(CONFIG).build()) {
        block.initialize(manager, DataType.FLOAT32, new Shape(Models.BATCH, Models.INPUTS));
        assertThrows(io.nlar.StateFileException.class, () -> other.restore(block, state, Restore.STRICT));
        other.restore(block, state, Restore.MATCHING);
        assertEquals(3, other.step().stats().applied());
        var slot = CONFIG.slots().iterator().next();
        float[] matched = new float[33];
        float[] original = new float[33];
        try (var some = other.step().state("01Linear_bias", slot); var its = optimizer.step().state("01Linear_bias", slot)) {
          some.copyTo(MemorySegment.ofArray(matched));
          its.copyTo(MemorySegment.ofArray(original));
        }
        assertArrayEquals(original, matched);
      }
    }
  }

  @Test
  void frozenParametersStayAndUnusedOnesAreLeftAlone() {
    try (Model model = Models.initialised(6, DataType.FLOAT32);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).build()) {
      Parameter frozen = Models.parameters(model).getFirst();
      frozen.freeze(true);
      Object before = Models.values(frozen.getArray());
      NDArray unused = model.getNDManager().create(new float[] {1, 2});
      unused.setName("unused");
      unused.setRequiresGradient(true);
      Random random = new Random(6);
      List<Parameter> trained = Models.parameters(model).stream().filter(Parameter::requiresGradient).toList();
      for (int i = 0; i < 3; i++) {
        Models.backward(model, random, DataType.FLOAT32);
        Models.update(optimizer, trained);
        optimizer.update("unused", unused, unused.getGradient());
      }
      assertArrayEquals(Models.bits(before), Models.bits(Models.values(frozen.getArray())));
      assertArrayEquals(new float[] {1, 2}, unused.toFloatArray());
      assertEquals(3, optimizer.step().stats().applied());
    }
  }

  @Test
  void nonFiniteGradientsAreSkippedOrReported() {
    for (NonFinite policy : List.of(NonFinite.SKIP, NonFinite.FAIL)) {
      try (Model model = Models.initialised(7, DataType.FLOAT32);
          NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG.withNonFinite(policy))
              .optBlock(model.getBlock()).build()) {
        Models.backward(model, new Random(7), DataType.FLOAT32);
        List<Object> before = Models.values(model);
        List<Parameter> parameters = Models.parameters(model);
        try (NDArray gradient = parameters.get(2).getArray().getGradient()) {
          gradient.set(new ai.djl.ndarray.index.NDIndex("0,0"), Float.NaN);
        }
        if (policy == NonFinite.FAIL) {
          var failure = assertThrows(NonFiniteGradientException.class, () -> Models.update(optimizer, parameters));
          assertTrue(failure.getMessage().contains("03Linear_weight"), failure.getMessage());
        } else {
          Models.update(optimizer, parameters);
          assertEquals(1, optimizer.step().stats().skipped());
          assertGradientsAreZero(model);
        }
        List<Object> after = Models.values(model);
        for (int i = 0; i < after.size(); i++) {
          assertArrayEquals(Models.bits(before.get(i)), Models.bits(after.get(i)));
        }
      }
    }
  }

  @Test
  void aStepHoldsNoNewTensorsAndAllocatesNothingOnTheHeap() {
    try (Model model = Models.initialised(8, DataType.FLOAT32)) {
      int before = model.getNDManager().getManagedArrays().size();
      NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).build();
      Models.backward(model, new Random(8), DataType.FLOAT32);
      List<Parameter> parameters = Models.parameters(model);
      Models.update(optimizer, parameters);
      int held = model.getNDManager().getManagedArrays().size();

      String[] ids = parameters.stream().map(Parameter::getId).toArray(String[]::new);
      NDArray[] weights = parameters.stream().map(Parameter::getArray).toArray(NDArray[]::new);
      NDArray[] gradients = parameters.stream().map(p -> p.getArray().getGradient()).toArray(NDArray[]::new);
      MemorySegment[] memory = new MemorySegment[gradients.length];
      for (int i = 0; i < memory.length; i++) {
        memory[i] = MemorySegment.ofBuffer(gradients[i].toByteBuffer(true));
      }
      var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long thread = Thread.currentThread().threadId();
      long ofAdapter = 0;
      long ofHandOver = 0;
      long ofStep = 0;
      long addresses = 0;
      int steps = 2000;
      for (int round = 0; round < 10; round++) {
        long start = threads.getThreadAllocatedBytes(thread);
        for (int step = 0; step < steps; step++) {
          for (int i = 0; i < ids.length; i++) {
            memory[i].set(ValueLayout.JAVA_FLOAT, 0, 1e-3f);
          }
          for (int i = 0; i < ids.length; i++) {
            optimizer.update(ids[i], weights[i], gradients[i]);
          }
        }
        long middle = threads.getThreadAllocatedBytes(thread);
        // What any optimizer on DJL's own memory does: ask where values and gradients are.
        for (int step = 0; step < steps; step++) {
          for (int i = 0; i < ids.length; i++) {
            addresses += MemorySegment.ofBuffer(weights[i].toByteBuffer(true)).address();
            addresses += MemorySegment.ofBuffer(gradients[i].toByteBuffer(true)).address();
          }
        }
        long end = threads.getThreadAllocatedBytes(thread);
        Step direct = optimizer.step();
        for (int step = 0; step < steps; step++) {
          direct.run(1, 1);
        }
        ofAdapter = middle - start;
        ofHandOver = end - middle;
        ofStep = threads.getThreadAllocatedBytes(thread) - end;
      }
      assertTrue(addresses != 0);
      assertTrue(ofAdapter - ofHandOver - ofStep <= 64L * steps, ofAdapter / (double) steps + " bytes a batch, of which"
          + " the hand-over takes " + ofHandOver / (double) steps + " and the step " + ofStep / (double) steps);
      for (NDArray gradient : gradients) {
        gradient.close();
      }
      assertEquals(held, model.getNDManager().getManagedArrays().size());
      optimizer.close();
      assertEquals(before, model.getNDManager().getManagedArrays().size());
      optimizer.close();
      assertThrows(ClosedException.class, () -> optimizer.update(ids[0], weights[0], null));
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatToDo() {
    var decay = assertThrows(SettingException.class, () -> NlarOptimizer.builder().optWeightDecays(0.1f).build());
    assertTrue(decay.getMessage().contains("withWeightDecay"), decay.getMessage());
    var clip = assertThrows(SettingException.class, () -> NlarOptimizer.builder().optClipGrad(1).build());
    assertTrue(clip.getMessage().contains("Scaling.Value"), clip.getMessage());
    var noise = assertThrows(SettingException.class,
        () -> NlarOptimizer.builder().optConfig(CONFIG.withNoise(new Noise.Frozen(1))).build());
    assertTrue(noise.getMessage().contains("optBlock"), noise.getMessage());
    try (Model model = Models.initialised(9, DataType.FLOAT32); Model stranger = Models.initialised(9, DataType.FLOAT32);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(CONFIG).build()) {
      Models.backward(model, new Random(9), DataType.FLOAT32);
      Models.update(optimizer, Models.parameters(model));
      NDArray other = Models.parameters(stranger).getFirst().getArray();
      var unknown = assertThrows(ParameterException.class, () -> optimizer.update("other", other, null));
      assertTrue(unknown.getMessage().contains("optBlock"), unknown.getMessage());
    }
  }

  @Test
  void elementWiseScalingAndNoiseByNameWork() {
    StepConfig config = CONFIG.withScaling(new Scaling.Soft(0.1)).withNoise(new Noise.Fresh(3)).withNoiseScale(1e-6);
    try (Model model = Models.initialised(10, DataType.FLOAT32);
        NlarOptimizer optimizer = NlarOptimizer.builder().optConfig(config).optBlock(model.getBlock()).build()) {
      List<Object> start = Models.values(model);
      Models.backward(model, new Random(10), DataType.FLOAT32);
      Models.update(optimizer, Models.parameters(model));
      assertDiffer(start, Models.values(model));
      assertGradientsAreZero(model);
    }
  }
}
