package io.nlar.examples;

import io.nlar.StepConfig;
import io.nlar.tribuo.NlarOptimiser;
import java.time.OffsetDateTime;
import java.util.Random;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * Tribuo trains with Nlar: logistic regression on the features of a point (its coordinates, their squares and product, and
 * the square of its squared radius) learns whether the point lies in a ring.
 *
 * <p>Needs nlar-tribuo and Tribuo's tribuo-classification-sgd. Run it with
 * {@code --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED}.
 */
public final class TribuoTrainer {
  private static final int POINTS = 500;
  private static final int BATCH = 50;
  private static final int EPOCHS = 200;
  private static final String[] FEATURES = {"x", "y", "xx", "yy", "xy", "rrrr"};

  private TribuoTrainer() {}

  private static ArrayExample<Label> point(Random random) {
    double x = 2 * random.nextDouble() - 1;
    double y = 2 * random.nextDouble() - 1;
    double square = x * x + y * y;
    double radius = Math.sqrt(square);
    return new ArrayExample<>(new Label(radius > 0.4 && radius < 0.9 ? "in" : "out"), FEATURES,
        new double[] {x, y, x * x, y * y, x * y, square * square});
  }

  /** Trains and prints how many points are told right. */
  public static void main(String[] args) {
    Random random = new Random(1);
    LabelFactory labels = new LabelFactory();
    var points = new MutableDataset<>(new SimpleDataSourceProvenance("ring", OffsetDateTime.now(), labels), labels);
    for (int i = 0; i < POINTS; i++) {
      points.add(point(random));
    }

    var optimiser = new NlarOptimiser(StepConfig.nlarcm());
    var model = new LinearSGDTrainer(new LogMulticlass(), optimiser, EPOCHS, -1, BATCH, 1L).train(points);
    System.out.println("accuracy " + new LabelEvaluator().evaluate(model, points).accuracy());
  }
}
