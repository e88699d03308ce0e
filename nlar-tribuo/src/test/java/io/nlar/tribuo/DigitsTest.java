package io.nlar.tribuo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Momentum;
import io.nlar.StepConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.sgd.fm.FMClassificationTrainer;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.math.StochasticGradientOptimiser;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.math.optimisers.Adam;
import org.tribuo.math.optimisers.RMSProp;

/**
 * Models of Tribuo on real data: Nlarcm, as published where nothing else is said, against those of Tribuo's own optimisers and rates that were best
 * in a search (AdaGrad, Adam, RMSProp, SGD; rates from 1e-4 to 1). Every image is tested once, by a model that has not
 * seen its fifth.
 */
class DigitsTest {
  private static final Logger TRIBUO = Logger.getLogger("org.tribuo");
  private static final long SEED = 1;
  private static final double ONE_POINT = 0.01;
  private static final List<StochasticGradientOptimiser> OWN = List.of(new AdaGrad(0.1, 0.1), new AdaGrad(0.3, 0.1),
      new Adam(0.3, 1e-6), new RMSProp(0.01, 0.9));

  private static List<Digits> folds;

  @BeforeAll
  static void read() throws IOException {
    TRIBUO.setLevel(Level.WARNING);
    folds = new ArrayList<>();
    for (int fold = 0; fold < Digits.FOLDS; fold++) {
      folds.add(Digits.read(fold, false));
    }
  }

  private static double accuracy(Trainer<Label> trainer) {
    int right = 0;
    int all = 0;
    for (Digits digits : folds) {
      Model<Label> model = trainer.train(digits.training());
      for (Prediction<Label> prediction : model.predict(digits.test())) {
        Label found = prediction.getOutput(); // null from a model that diverged
        right += found != null && found.equals(prediction.getExample().getOutput()) ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }

  private static void compare(String model, Function<StochasticGradientOptimiser, Trainer<Label>> trainer) {
    compare(model, StepConfig.nlarcm(), trainer);
  }

  private static void compare(
      String model, StepConfig config, Function<StochasticGradientOptimiser, Trainer<Label>> trainer) {
    double best = 0;
    String bestName = "";
    for (StochasticGradientOptimiser optimiser : OWN) {
      double found = accuracy(trainer.apply(optimiser));
      if (found > best) {
        best = found;
        bestName = optimiser.toString();
      }
    }
    double nlar = accuracy(trainer.apply(new NlarOptimiser(config)));
    String result = "%s: Nlarcm %.4f, best of Tribuo's own %.4f by %s".formatted(model, nlar, best, bestName);
    System.out.println(result);
    assertTrue(nlar >= best - ONE_POINT, result);
  }

  @Test
  void aLinearModel() {
    compare("linear", optimiser -> new LinearSGDTrainer(new LogMulticlass(), optimiser, 20, -1, 1, SEED));
  }

  /** So short a training wants twice the λ and a momentum that decays more slowly: as published it is 1.2 points behind. */
  @Test
  void aLinearModelThatTrainsShortly() {
    compare("linear, 5 epochs", StepConfig.nlarcm().withLearningRate(0.2).withMomentum(new Momentum.InverseSqrt(1)),
        optimiser -> new LinearSGDTrainer(new LogMulticlass(), optimiser, 5, -1, 1, SEED));
  }

  @Test
  void aLinearModelInMiniBatches() {
    compare("linear, batches of 16", optimiser -> new LinearSGDTrainer(new LogMulticlass(), optimiser, 20, -1, 16, SEED));
  }

  /** One example at a time: Tribuo 4.3.2 fails at merging a factorisation machine's sparse gradients. */
  @Test
  void aFactorisationMachine() {
    compare("factorisation machine",
        optimiser -> new FMClassificationTrainer(new LogMulticlass(), optimiser, 5, -1, 1, SEED, 4, 0.1));
  }
}
