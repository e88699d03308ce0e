package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Buffer;
import io.nlar.CallOrderException;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Nlarsf;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.NonFiniteGradientException;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Part;
import io.nlar.RateHistogram;
import io.nlar.Restore;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.State;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Inputs;
import io.nlar.testkit.Layout;
import io.nlar.testkit.RandomCases;
import io.nlar.testkit.TensorSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of larger tensors: workers that share a step have the bits of the one that has it whole. */
public interface PartContract extends PartSupport {
  /** Of how many cases one is run. A device that compiles or interprets its kernels may take fewer. */
  default int everyCaseOfParts() {
    return 101;
  }

  @Test
  default void workersHaveTheBitsOfTheUndividedStep() {
    int number = 0;
    for (BitCase run : RandomCases.parts(everyCaseOfParts())) {
      if (device().info().types().containsAll(run.types())) {
        compare(run, List.of(2, 3, 8, 4, 1).get(number++ % 5));
      }
    }
    assertTrue(number > 5, "cases: " + number);
  }

  private void compare(BitCase run, int workers) {
    Layout layout = run.layout().supportedBy(device().info()) ? run.layout() : Layout.SLICED;
    SplittableRandom random = new SplittableRandom(run.seed());
    try (DeviceModel whole = new DeviceModel(device(), run.groups(), layout);
        Workers parts = new Workers(device(), run.groups(), layout, workers, random)) {
      parts.setValues(whole, tensor -> draw(run.inputs(), random, whole.value(tensor.name())));
      int poisoned = random.nextInt(run.steps());
      for (int step = 0; step < run.steps(); step++) {
        boolean poison = step == poisoned;
        parts.setGradients(whole, tensor -> {
          double[] gradients = draw(run.inputs(), random, whole.gradient(tensor.name()));
          if (poison && gradients.length > 0 && random.nextInt(parts.tensors().size()) == 0) {
            gradients[random.nextInt(gradients.length)] = Double.NaN;
          }
          return gradients;
        });
        whole.step().run(0.5, 0.9);
        parts.run(0.5, 0.9);
        String where = run.name() + ", " + workers + " workers, step " + (step + 1);
        assertSameUpdate(where, whole, parts);
        if (step % 3 == 1 || step == run.steps() - 1) { // in other steps the next one has to learn
          parts.learn();
          assertSameBits(where, whole, parts);
        }
      }
    }
  }

  private static double[] draw(Inputs inputs, SplittableRandom random, Buffer buffer) {
    double[] numbers = new double[(int) buffer.length()];
    Arrays.setAll(numbers, i -> inputs.next(random, buffer.type(), 1e-3));
    return numbers;
  }

  private List<GroupSpec> group(StepConfig config, int... lengths) {
    TensorSpec[] tensors = new TensorSpec[lengths.length];
    Arrays.setAll(tensors, i -> new TensorSpec("t" + i, lengths[i]));
    return List.of(GroupSpec.of(config, anyType(), tensors));
  }

  /** A sum of blocks that never came is no smaller norm: the step is skipped. */
  @Test
  default void whatOthersDoNotSayMakesAStepThatIsSkipped() {
    try (Workers parts = new Workers(device(), group(StepConfig.nlarcm(), 4096), Layout.SLICED, 1, new SplittableRandom(1));
        DeviceModel half = new DeviceModel(device(), List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(),
            new TensorSpec("t0", 4096).part(0, 2048))), Layout.SLICED)) {
      assertEquals(4, half.step().blockSums().length());
      half.step().reduceBlocks();
      assertTrue(Double.isNaN(HostValues.read(half.step().blockSums())[2]));
      half.step().takeBlockSums();
      half.step().apply(1, 1);
      assertEquals(1, half.step().stats().skipped());
      parts.run(1, 1);
      assertEquals(1, parts.step(0).stats().applied());
    }
  }

  /** What would be a step with another norm on each worker is refused. */
  @Test
  default void aPartAloneHasNoNorm() {
    try (DeviceModel half = new DeviceModel(device(), List.of(GroupSpec.of(StepConfig.nlarcm(), anyType(),
        new TensorSpec("t0", 4096).part(1024, 2048))), Layout.SLICED)) {
      Step step = half.step();
      assertRefused(CallOrderException.class, step::run, "reduceBlocks()", "takeBlockSums()");
      assertRefused(CallOrderException.class, () -> step.run(1, 1), "reduceBlocks()");
      assertRefused(CallOrderException.class, () -> step.apply(1, 1), "takeBlockSums()", "takeSums()");
      step.reduce();
      assertRefused(CallOrderException.class, step::apply, "takeBlockSums()", "takeSums()");
      step.reduceBlocks();
      assertRefused(CallOrderException.class, step::apply, "takeBlockSums()");
      HostValues.write(step.blockSums(), 0, 0, 0, 0);
      step.takeBlockSums();
      step.apply();
      assertRefused(CallOrderException.class, step::apply, "takeBlockSums()");
      step.takeSums();
      step.apply();
      assertEquals(2, step.stats().applied());
    }
  }

  /** The other way over: a sum a tensor, added in the workers' order, is the same on all of them. */
  @Test
  default void workersThatAddTheirSumsAgree() {
    List<GroupSpec> groups = group(StepConfig.nlarcm().withScaling(new Scaling.GlobalNorm(0.01)), 5000, 3000);
    try (Workers parts = new Workers(device(), groups, Layout.SLICED, 3, new SplittableRandom(5))) {
      for (int i = 0; i < 2; i++) {
        String name = "t" + i;
        double[] gradients = numbers(anyType(), 5000 - 2000 * i, i);
        parts.scatter(name, gradients, model -> model.gradient(name));
      }
      double[] all = new double[3];
      for (DeviceModel model : parts.models()) {
        model.step().reduce();
        double[] own = HostValues.read(model.step().sumsOfSquares());
        all[1] += own[1];
        all[2] += own[2];
      }
      all[0] = all[1] + all[2];
      for (DeviceModel model : parts.models()) {
        HostValues.write(model.step().sumsOfSquares(), all);
        model.step().takeSums();
        model.step().apply(1, 1);
        assertEquals(Math.sqrt(all[0]), control(model.step(), Control.NORM));
      }
    }
  }

  /** Where nothing is reduced a part needs nobody. */
  @Test
  default void withoutANormAPartRunsAlone() {
    StepConfig config = StepConfig.nlarcm().withScaling(new Scaling.None()).withNonFinite(NonFinite.UNCHECKED);
    try (DeviceModel half = new DeviceModel(device(), List.of(GroupSpec.of(config, anyType(),
        new TensorSpec("t0", 4096).part(1024, 2048))), Layout.SLICED)) {
      half.step().run(1, 1);
      half.step().reduceBlocks();
      half.step().takeBlockSums();
      half.step().apply(1, 1);
      assertEquals(2, half.step().stats().applied());
    }
  }

  @Test
  default void aRefusedStepIsRefusedByAllWorkersWithTheSameName() {
    List<GroupSpec> groups = group(StepConfig.nlarcm().withNonFinite(NonFinite.FAIL), 2048, 4096);
    try (Workers parts = new Workers(device(), groups, Layout.SLICED, 2, new SplittableRandom(3))) {
      double[] gradients = new double[4096];
      gradients[4095] = Double.POSITIVE_INFINITY;
      parts.scatter("t1", gradients, model -> model.gradient("t1"));
      parts.run(1, 1);
      for (DeviceModel model : parts.models()) {
        assertRefused(NonFiniteGradientException.class, () -> model.step().await(1), "t1");
      }
    }
  }

  /** A parameter without a gradient counts as zeros, wherever its parts are. */
  @Test
  default void partsWithoutGradientsAddNothing() {
    DType type = anyType();
    try (Buffer value = device().allocate(type, 2048); Buffer other = buffer(type, numbers(type, 1024, 1));
        Step step = device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(
            new Parameter("none", value, null).withPart(new Part(1024, 4000)),
            new Parameter("some", device().allocate(type, 1024), other).withPart(new Part(0, 1024))))))) {
      step.reduceBlocks();
      double[] sums = HostValues.read(step.blockSums());
      assertEquals(5, sums.length);
      assertTrue(Double.isNaN(sums[0]) && Double.isNaN(sums[3]) && sums[4] > 0, Arrays.toString(sums));
      assertSameBits("without a gradient", new double[2], new double[] {sums[1], sums[2]});
    }
  }

  @Test
  default void ratesAndStatisticsAreThoseOfTheOwnElements() {
    try (DeviceModel half = new DeviceModel(device(), List.of(GroupSpec.of(StepConfig.nlarcm().withLearningRate(0.25), anyType(),
        new TensorSpec("t0", 4096).part(1024, 3072))), Layout.SLICED)) {
      MemorySegment rates = HostValues.segment(anyType(), new double[2048]);
      half.step().learningRates("t0", rates);
      assertEquals(anyType().round(0.25), HostValues.read(rates, anyType())[2047]);
      assertEquals(2048, half.step().stats().rates().count());
      assertEquals(2048 * 3L * anyType().bytes(), half.step().stateBytes());
    }
  }

  @Test
  default void partsBeginAndEndAtBlocks() {
    DType type = anyType();
    assertRefused(ParameterException.class, () -> new Part(1000, 4096), "1000", "1024", "Part.boundary");
    assertRefused(ParameterException.class, () -> new Part(5120, 4096), "5120", "4096");
    assertRefused(ParameterException.class, () -> new Part(-1024, 4096), "-1024");
    assertEquals(4000, new Part(4000, 4000).offset());
    try (Buffer value = device().allocate(type, 1500); Buffer none = device().allocate(type, 0)) {
      assertRefused(ParameterException.class, () -> device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(),
          List.of(new Parameter("w", value, null).withPart(new Part(1024, 4096)))))), "'w'", "2524", "1024");
      assertRefused(ParameterException.class, () -> device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(),
          List.of(new Parameter("w", value, null).withPart(new Part(1024, 2048)))))), "'w'", "1500", "2048");
      try (Step step = device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(
          new Parameter("last", value, null).withPart(new Part(1024, 2524)),
          new Parameter("none", none, null).withPart(new Part(2524, 2524))))))) {
        assertRefused(ParameterException.class, () -> step.rebind(List.of(new Parameter("last", value, null)
            .withPart(new Part(0, 1500)))), "'last'", "1024", "2524");
        assertRefused(ParameterException.class, () -> step.rebind(List.of(new Parameter("last", value, null))), "'last'", "whole");
        step.rebind(List.of(new Parameter("last", value, null).withPart(new Part(1024, 2524))));
      }
    }
  }

  /** What others have not said of the last update is refused by name, before anything changes; and so are steps and files without it. */
  @Test
  default void nothingIsLearnedFromAPartAlone(@TempDir Path folder) throws IOException {
    List<GroupSpec> groups = group(StepConfig.nlarsf(), 3000, 5);
    try (DeviceModel whole = new DeviceModel(device(), groups, Layout.SLICED);
        Workers parts = new Workers(device(), groups, Layout.SLICED, 2, new SplittableRandom(8))) {
      Step step = parts.step(0);
      assertEquals(4 * 4, step.blockSums().length());
      parts.setGradients(whole, tensor -> numbers(anyType(), tensor.length(), 3));
      step.takeSums();
      assertRefused(CallOrderException.class, () -> step.apply(1, 1), "takeBlockSums()", "takeBlockProducts()");
      for (int i = 0; i < 3; i++) { // v is 0 in the first two
        whole.step().run(1, 0.75);
        parts.run(1, 0.75);
      }
      Path file = folder.resolve("state");
      assertRefused(CallOrderException.class, () -> step.save(file), "leaveBlockProducts()", "takeBlockProducts()");
      assertRefused(CallOrderException.class, step::takeBlockProducts, "reduceBlocks()", "leaveBlockProducts()");
      step.reduceBlocks();
      assertRefused(CallOrderException.class, step::takeBlockSums, "'t0'", "nlarsf", "4 sums of squares", "3 times");
      step.takeSums();
      assertRefused(CallOrderException.class, step::apply, "takeBlockSums()");
      step.reduceBlocks();
      parts.models().forEach(model -> model.step().evaluate()); // which needs nobody
      parts.learn();
      parts.models().forEach(model -> model.step().train());
      assertSameState("learned", whole, parts);
      parts.learn(); // nothing more
      assertSameState("learned once", whole, parts);
      RateHistogram rates = new RateHistogram();
      parts.models().forEach(model -> List.of("t0", "t1").forEach(name -> {
        double[] own = new double[(int) model.value(name).length()];
        MemorySegment host = HostValues.segment(anyType(), own);
        model.step().learningRates(name, host);
        Arrays.stream(HostValues.read(host, anyType())).forEach(rate -> rates.add(rate, 1));
      }));
      assertEquals(whole.step().stats().rates().toString(), rates.toString());
      step.save(file);
      step.restore(file, Restore.STRICT);
      step.takeSums();
      assertRefused(CallOrderException.class, step::apply, "takeBlockProducts()");
      step.takeBlockProducts(); // of a state that was loaded nothing is to be learned
      step.save(file);
      step.apply(1, 1);
      assertEquals(4, step.stats().applied());
    }
  }

  /** Settings that are changed, and gradients that are taken away, before anything is learned of an update say nothing of it. */
  @Test
  default void whatIsLearnedIsLearnedAsItWasRun() {
    List<GroupSpec> groups = group(StepConfig.nlarsf(), 3000, 2048);
    try (DeviceModel whole = new DeviceModel(device(), groups, Layout.SLICED);
        Workers parts = new Workers(device(), groups, Layout.SLICED, 3, new SplittableRandom(2))) {
      List<DeviceModel> all = Stream.concat(Stream.of(whole), parts.models().stream()).toList();
      parts.setGradients(whole, tensor -> numbers(anyType(), tensor.length(), 9));
      for (int i = 0; i < 3; i++) {
        whole.step().run(1, 1);
        parts.run(1, 1);
      }
      StepConfig other = StepConfig.nlarsf().withRule(new Nlarsf(1e-3).withLearning(1, 0.25, 0.5));
      for (DeviceModel model : all) {
        model.step().reconfigure(0, other);
        HostValues.write(model.step().control().slice(Control.RATE_FACTOR.ordinal(), 1), 0.5);
        model.step().rebind(List.of(new Parameter("t1", model.value("t1"), null).withPart(model.parameter("t1").part())));
      }
      parts.learn();
      assertSameState("learned", whole, parts);
      whole.step().run();
      for (DeviceModel model : parts.models()) {
        model.step().reduceBlocks();
      }
      parts.exchange();
      for (DeviceModel model : parts.models()) {
        model.step().takeBlockSums();
        model.step().apply();
      }
      parts.learn();
      assertSameBits("without a gradient", whole, parts);
    }
  }

  /** Where nothing is reduced, there is still something to be learned; here from more parameters than a sum has lanes. */
  @Test
  default void withoutANormPartsStillLearnTogether() {
    int[] lengths = new int[40];
    Arrays.setAll(lengths, i -> i == 0 ? 1100 : 10 + i);
    StepConfig config = StepConfig.nlarsf().withRule(new Nlarsf(0.5).withLearning(0.5, 0.5, 0.06)).withScaling(new Scaling.None());
    List<GroupSpec> groups = group(config.withNonFinite(NonFinite.UNCHECKED), lengths);
    try (DeviceModel whole = new DeviceModel(device(), groups, Layout.SLICED);
        Workers parts = new Workers(device(), groups, Layout.SLICED, 2, new SplittableRandom(6))) {
      parts.learn();
      for (int i = 0; i < 7; i++) {
        int seed = i;
        parts.setGradients(whole, tensor -> {
          double[] numbers = numbers(anyType(), tensor.length(), seed * 100 + tensor.length());
          numbers[7] = seed == 5 ? Double.NaN : numbers[7]; // unchecked: from there on nothing is learned
          return numbers;
        });
        whole.step().run(1, 1);
        parts.models().forEach(model -> model.step().run(1, 1));
        assertRefused(CallOrderException.class, () -> parts.step(0).run(1, 1), "takeBlockProducts()");
        parts.learn();
        assertSameState("step " + i, whole, parts);
      }
    }
  }

  /** Frozen noise is that of the whole tensor's elements, though nobody drew them all. */
  @Test
  default void frozenNoiseIsTheWholeTensors() {
    StepConfig config = StepConfig.nlarcm().withNoise(new Noise.Frozen(7));
    try (DeviceModel whole = new DeviceModel(device(), group(config, 3000), Layout.SLICED);
        DeviceModel part = new DeviceModel(device(), List.of(GroupSpec.of(config, anyType(),
            new TensorSpec("t0", 3000).part(1024, 2048))), Layout.SLICED)) {
      assertSameBits("noise", Arrays.copyOfRange(HostValues.read(whole.step().state("t0", Slot.NOISE)), 1024, 2048),
          HostValues.read(part.step().state("t0", Slot.NOISE)));
    }
  }

  /** Values to evaluate are those of the own elements, as they would be in the whole. */
  @Test
  default void partsAreEvaluatedAsTheWholeIs() {
    partsAreEvaluatedAsTheWholeIs(StepConfig.scheduleFree());
    partsAreEvaluatedAsTheWholeIs(StepConfig.nlarsf());
  }

  private void partsAreEvaluatedAsTheWholeIs(StepConfig config) {
    List<GroupSpec> groups = group(config, 3000, 1024);
    try (DeviceModel whole = new DeviceModel(device(), groups, Layout.SLICED);
        Workers parts = new Workers(device(), groups, Layout.SLICED, 3, new SplittableRandom(4))) {
      parts.setValues(whole, tensor -> numbers(anyType(), tensor.length(), 1));
      for (int step = 0; step < 3; step++) {
        int seed = step;
        parts.setGradients(whole, tensor -> numbers(anyType(), tensor.length(), seed));
        whole.step().run(1, 1);
        parts.run(1, 1);
      }
      double[] trained = HostValues.read(whole.value("t0"));
      whole.step().evaluate();
      parts.models().forEach(model -> model.step().evaluate());
      assertTrue(!Arrays.equals(trained, HostValues.read(whole.value("t0"))));
      assertSameUpdate("evaluated", whole, parts);
      assertRefused(CallOrderException.class, () -> parts.step(0).reduceBlocks(), "train()");
      assertRefused(CallOrderException.class, () -> parts.step(0).takeBlockSums(), "train()");
      parts.models().forEach(model -> model.step().train());
      assertSameBits("trained", trained, parts.gather("t0", model -> model.value("t0")));
      parts.models().forEach(model -> model.step().reduceBlocks());
      parts.exchange();
      parts.step(0).takeBlockSums();
      assertRefused(CallOrderException.class, () -> parts.step(0).evaluate(), "apply()");
    }
  }

  /** Lent state is as long as the part, and begins as the whole tensor's does there. */
  @Test
  default void stateOfAPartMayBeLent() {
    StepConfig config = StepConfig.nlarcm().withNoise(new Noise.Frozen(9));
    DType type = anyType();
    try (DeviceModel whole = new DeviceModel(device(), group(config, 5000), Layout.SLICED)) {
      int from = 2048;
      Map<Slot, Buffer> lent = new EnumMap<>(Slot.class);
      for (Slot slot : config.slots()) {
        lent.put(slot, device().allocate(type, 5000 - from));
      }
      double[] values = numbers(type, 5000, 1);
      double[] gradients = numbers(type, 5000, 2);
      HostValues.write(whole.value("t0"), values);
      HostValues.write(whole.gradient("t0"), gradients);
      Buffer value = buffer(type, Arrays.copyOfRange(values, from, 5000));
      Buffer gradient = buffer(type, Arrays.copyOfRange(gradients, from, 5000));
      try (Step step = device().compile(List.of(new ParameterGroup(config, List.of(new Parameter("t0", value, gradient)
          .withPart(new Part(from, 5000)).withState(State.fresh(lent))))))) {
        whole.step().run(1, 1);
        step.reduceBlocks();
        double[] sums = HostValues.read(step.blockSums());
        for (int block = 0; block < 2; block++) { // as the other worker forms them
          try (Buffer theirs = buffer(type, Arrays.copyOfRange(gradients, 1024 * block, 1024 * (block + 1)));
              Buffer none = device().allocate(type, 1024);
              Step other = device().compile(List.of(new ParameterGroup(config, List.of(new Parameter("t0", none, theirs)))))) {
            other.reduce();
            sums[block] = HostValues.read(other.sumsOfSquares())[1];
          }
        }
        HostValues.write(step.blockSums(), sums);
        step.takeBlockSums();
        step.apply(1, 1);
        assertSameBits("values", Arrays.copyOfRange(HostValues.read(whole.value("t0")), from, 5000), HostValues.read(value));
        lent.forEach((slot, buffer) -> assertSameBits(slot.label(),
            Arrays.copyOfRange(HostValues.read(whole.step().state("t0", slot)), from, 5000), HostValues.read(buffer)));
      }
    }
  }
}
