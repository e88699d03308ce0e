package io.nlar.tribuo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil;
import io.nlar.AdamW;
import io.nlar.ArrayStep;
import io.nlar.CallOrderException;
import io.nlar.DeviceUnavailableException;
import io.nlar.Estimator;
import io.nlar.Lion;
import io.nlar.Momentum;
import io.nlar.Noise;
import io.nlar.NonFinite;
import io.nlar.NonFiniteGradientException;
import io.nlar.ParameterException;
import io.nlar.Scaling;
import io.nlar.SettingException;
import io.nlar.StepConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.math.LinearParameters;
import org.tribuo.math.Parameters;
import org.tribuo.math.la.DenseMatrix;
import org.tribuo.math.la.DenseSparseMatrix;
import org.tribuo.math.la.DenseVector;
import org.tribuo.math.la.SparseVector;
import org.tribuo.math.la.Tensor;
import org.tribuo.math.optimisers.ParameterAveraging;

/** The optimiser as Tribuo's trainers call it, against the same step on plain arrays. */
class NlarOptimiserTest {
  private static final int ROWS = 3;
  private static final int COLUMNS = 7;
  private static final StepConfig CONFIG = StepConfig.nlarcm().withLearningRate(0.02);

  @TempDir
  Path folder;

  private static double[] flat(DenseMatrix matrix) {
    return Arrays.stream(matrix.toArray()).flatMapToDouble(Arrays::stream).toArray();
  }

  private static double[][] random(Random random, boolean holes) {
    double[][] elements = new double[ROWS][COLUMNS];
    for (double[] row : elements) {
      Arrays.setAll(row, j -> holes && random.nextInt(3) > 0 ? 0 : random.nextGaussian());
    }
    return elements;
  }

  private static DenseSparseMatrix sparse(double[][] elements) {
    return DenseSparseMatrix.createFromSparseVectors(Arrays.stream(elements)
        .map(row -> DenseVector.createDenseVector(row).sparsify()).toArray(SparseVector[]::new));
  }

  /** What Tribuo holds after some steps has the bits of a step that descends the negative gradients. */
  private static void compareWithArrays(StepConfig config, boolean sparse, double weight) {
    Random random = new Random(1);
    LinearParameters parameters = new LinearParameters(DenseMatrix.createDenseMatrix(random(random, false)));
    double[] values = flat(parameters.getWeightMatrix());
    double[] gradients = new double[values.length];
    NlarOptimiser optimiser = new NlarOptimiser(config);
    optimiser.initialise(parameters);
    try (ArrayStep step = ArrayStep.builder(config).add("parameter0", values, gradients).open()) {
      for (int i = 0; i < 20; i++) {
        double[][] given = random(random, sparse);
        Tensor gradient = sparse ? sparse(given) : DenseMatrix.createDenseMatrix(given);
        parameters.update(optimiser.step(new Tensor[] {gradient}, weight));
        double[] ascent = Arrays.stream(given).flatMapToDouble(Arrays::stream).toArray();
        Arrays.setAll(gradients, j -> -ascent[j]);
        step.run(weight, 1);
        assertArrayEquals(values, flat(parameters.getWeightMatrix()), config.weightDecay() == 0 ? 0 : 1e-15, "step " + i);
      }
      assertEquals(20, optimiser.step().stats().applied());
    }
    optimiser.reset();
  }

  @Test
  void denseGradientsHaveTheBitsOfAStepOnArrays() {
    compareWithArrays(CONFIG, false, 1);
    compareWithArrays(StepConfig.nlarsm().withScaling(new Scaling.TensorNorm(0.5)), false, 1);
    compareWithArrays(StepConfig.adamw().withWeightDecay(0), false, 1);
    compareWithArrays(StepConfig.nadamw().withWeightDecay(0), false, 1);
    compareWithArrays(StepConfig.lion(), false, 1);
    compareWithArrays(CONFIG.withNoise(new Noise.Fresh(5)).withNoiseScale(1e-3), false, 1);
  }

  @Test
  void sparseGradientsAreZeroWhereTheyHaveNothing() {
    compareWithArrays(CONFIG, true, 1);
  }

  @Test
  void aWeightMultipliesTheGradient() {
    compareWithArrays(CONFIG, false, 0.125);
  }

  @Test
  void aWeightOfZeroTakesTheGradientAsZero() {
    NlarOptimiser weighted = new NlarOptimiser(CONFIG);
    NlarOptimiser zero = new NlarOptimiser(CONFIG);
    LinearParameters parameters = new LinearParameters(COLUMNS, ROWS);
    weighted.initialise(parameters);
    zero.initialise(parameters);
    Random random = new Random(2);
    for (int i = 0; i < 5; i++) {
      DenseMatrix gradient = DenseMatrix.createDenseMatrix(random(random, false));
      boolean skip = i == 3;
      DenseMatrix expected = (DenseMatrix) zero.step(
          new Tensor[] {skip ? new DenseMatrix(ROWS, COLUMNS) : gradient}, 1)[0];
      assertArrayEquals(flat(expected), flat((DenseMatrix) weighted.step(new Tensor[] {gradient}, skip ? 0 : 1)[0]));
    }
    weighted.reset();
    zero.reset();
  }

  @Test
  void weightDecayWorksOnTheParametersThemselves() {
    compareWithArrays(CONFIG.withWeightDecay(0.5), false, 1);
  }

  /** Several tensors of all kinds have one norm. */
  @Test
  void theNormSpansAllTensors() {
    Tensor[] tensors = {new DenseVector(2), new DenseMatrix(1, 2)};
    NlarOptimiser optimiser = new NlarOptimiser(StepConfig.nlarsm().withMomentum(new Momentum.None()).withLearningRate(1));
    optimiser.initialise(new Fixed(tensors));
    Tensor[] updates = optimiser.step(new Tensor[] {SparseVector.createSparseVector(2, new int[] {1}, new double[] {3}),
        DenseMatrix.createDenseMatrix(new double[][] {{4, 0}})}, 1);
    assertArrayEquals(new double[] {0, 0.6}, ((DenseVector) updates[0]).toArray(), 1e-15);
    assertArrayEquals(new double[] {0.8, 0}, flat((DenseMatrix) updates[1]), 1e-15);
    optimiser.reset();
  }

  @Test
  void copiesShareNothingAndAResetOneStartsAnew() {
    LinearParameters parameters = new LinearParameters(COLUMNS, ROWS);
    Tensor[] gradient = {DenseMatrix.createDenseMatrix(random(new Random(3), false))};
    NlarOptimiser optimiser = new NlarOptimiser(CONFIG);
    optimiser.initialise(parameters);
    double[] first = flat((DenseMatrix) optimiser.step(gradient, 1)[0]);
    double[] second = flat((DenseMatrix) optimiser.step(gradient, 1)[0]);
    assertFalse(Arrays.equals(first, second), "there is momentum");
    NlarOptimiser copy = optimiser.copy();
    assertNotSame(optimiser, copy);
    assertThrows(CallOrderException.class, () -> copy.step(gradient, 1), "a copy has no parameters");
    copy.initialise(parameters);
    assertArrayEquals(first, flat((DenseMatrix) copy.step(gradient, 1)[0]));
    optimiser.finalise();
    optimiser.reset();
    optimiser.reset();
    var failure = assertThrows(CallOrderException.class, () -> optimiser.step(gradient, 1));
    assertTrue(failure.getMessage().contains("initialise(parameters)"), failure.getMessage());
    optimiser.initialise(parameters);
    assertArrayEquals(first, flat((DenseMatrix) optimiser.step(gradient, 1)[0]));
    optimiser.initialise(parameters);
    assertArrayEquals(first, flat((DenseMatrix) optimiser.step(gradient, 1)[0]), "initialised again");
    optimiser.reset();
    copy.reset();
  }

  @Test
  void parametersCanBeAveraged() {
    LinearParameters parameters = new LinearParameters(COLUMNS, ROWS);
    ParameterAveraging averaging = new ParameterAveraging(new NlarOptimiser(CONFIG));
    averaging.initialise(parameters);
    Tensor[] gradient = {DenseMatrix.createDenseMatrix(random(new Random(4), false))};
    double[] mean = new double[ROWS * COLUMNS];
    for (int i = 0; i < 4; i++) {
      double[] before = flat(parameters.getWeightMatrix());
      Arrays.setAll(mean, j -> mean[j] + before[j] / 4);
      parameters.update(averaging.step(gradient, 1));
    }
    averaging.finalise();
    assertArrayEquals(mean, flat(parameters.getWeightMatrix()), 1e-12);
    averaging.reset();
  }

  private static List<StepConfig> settings() {
    return List.of(StepConfig.nlarcm(), StepConfig.nlarsm().withRule(new Estimator.Nlarsm(0.3, 2, 1e-3, 1e-5)),
        StepConfig.nlarpm().withMomentum(new Momentum.InverseSqrt(0.5)), StepConfig.adamw(),
        StepConfig.nadamw(), StepConfig.lion().withRule(new Lion(0.01, 0.8, 0.9)).withWeightDecay(0.3),
        StepConfig.nlarbb().withRule(new Estimator.Nlarbb(0.2, 0.3, 1e-9, 5)),
        StepConfig.adamw().withRule(new AdamW(0.01, 0.8, 0.99, 1e-7)).withScaling(new Scaling.None()),
        CONFIG.withMomentum(new Momentum.Constant(0.9)).withScaling(new Scaling.TensorNorm(2)),
        CONFIG.withMomentum(new Momentum.None()).withScaling(new Scaling.Normalised(3, 1)),
        CONFIG.withNoise(new Noise.Frozen(7)).withScaling(new Scaling.Normalised(3, 2)),
        CONFIG.withNoise(new Noise.Fresh(8, Noise.Distribution.LAPLACE)).withScaling(new Scaling.Value(4)).withNonFinite(NonFinite.UNCHECKED),
        CONFIG.withWeightDecay(0.1).withScaling(new Scaling.Soft(5)).withNonFinite(NonFinite.FAIL));
  }

  /** From a model's provenance comes an optimiser of the same settings: so each field is read and written. */
  @Test
  void theProvenanceHoldsAllSettings() throws IOException {
    Digits digits = Digits.read(0, true);
    for (StepConfig config : settings()) {
      var trainer = new LinearSGDTrainer(new LogMulticlass(), new NlarOptimiser(config), 1, -1, 1024, 1);
      var provenance = trainer.train(digits.test()).getProvenance();
      ConfigurationManager manager = new ConfigurationManager();
      manager.addConfiguration(ProvenanceUtil.extractConfiguration(provenance));
      assertEquals(List.of(config), manager.lookupAll(NlarOptimiser.class).stream().map(NlarOptimiser::config).toList());
    }
  }

  @Test
  void aConfigurationFileMakesAnOptimiser() throws IOException {
    String text = """
        <?xml version="1.0" encoding="UTF-8"?>
        <config>
          <component name="nlar" type="io.nlar.tribuo.NlarOptimiser">
            <property name="rule" value="NLARSM"/>
            <property name="initialLearningRate" value="0.5"/>
          </component>
          <component name="wrong" type="io.nlar.tribuo.NlarOptimiser">
            <property name="bound" value="-1"/>
          </component>
        </config>
        """;
    Path file = Files.writeString(folder.resolve("nlar.xml"), text);
    ConfigurationManager manager = new ConfigurationManager(file.toString());
    NlarOptimiser optimiser = assertInstanceOf(NlarOptimiser.class, manager.lookup("nlar"));
    assertEquals(StepConfig.nlarsm().withLearningRate(0.5), optimiser.config());
    assertThrows(RuntimeException.class, () -> manager.lookup("wrong"));
  }

  private record Fixed(Tensor[] get) implements Parameters {
    @Override
    public Tensor[] getEmptyCopy() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void set(Tensor[] newWeights) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void update(Tensor[] gradients) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Tensor[] merge(Tensor[][] gradients, int size) {
      throw new UnsupportedOperationException();
    }

    @Override
    public org.tribuo.math.protos.ParametersProto serialize() {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatToDo() {
    NlarOptimiser optimiser = new NlarOptimiser(CONFIG.withNonFinite(NonFinite.FAIL));
    var kind = assertThrows(ParameterException.class,
        () -> optimiser.initialise(new Fixed(new Tensor[] {new DenseSparseMatrix(2, 2)})));
    assertTrue(kind.getMessage().contains("DenseSparseMatrix") && kind.getMessage().contains("DenseMatrix:"),
        kind.getMessage());
    optimiser.initialise(new LinearParameters(COLUMNS, ROWS));
    Tensor fits = new DenseMatrix(ROWS, COLUMNS);
    var number = assertThrows(ParameterException.class, () -> optimiser.step(new Tensor[] {fits, fits}, 1));
    assertTrue(number.getMessage().contains("2 gradients") && number.getMessage().contains("given 1"), number.getMessage());
    var shape = assertThrows(ParameterException.class,
        () -> optimiser.step(new Tensor[] {new DenseMatrix(COLUMNS, ROWS)}, 1));
    assertTrue(shape.getMessage().contains("[7, 3]") && shape.getMessage().contains("[3, 7]"), shape.getMessage());
    for (double weight : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(SettingException.class, () -> optimiser.step(new Tensor[] {fits}, weight));
    }
    DenseMatrix bad = new DenseMatrix(ROWS, COLUMNS);
    bad.set(1, 1, Double.NaN);
    assertThrows(NonFiniteGradientException.class, () -> optimiser.step(new Tensor[] {bad}, 1));
    optimiser.reset();
    assertThrows(DeviceUnavailableException.class,
        () -> new NlarOptimiser(CONFIG, "nothere").initialise(new LinearParameters(COLUMNS, ROWS)));
  }
}
