package io.nlar.experiments;

import java.util.LinkedHashMap;
import java.util.Map;

/** Classifying the images of a data set. */
record ImageTask(ImageExperiment experiment, DataSet data) implements Task {
  @Override
  public String extent() {
    return data.training().count() + " images";
  }

  @Override
  public String fingerprint() {
    return "images " + data.training().count() + " + " + data.test().count() + "\npixels and labels "
        + Long.toHexString(data.training().checksum()) + " " + Long.toHexString(data.test().checksum()) + "\n";
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("data", data.source() + ", " + data.training().count() + " training and " + data.test().count()
        + " test images, pixels scaled to 0 … 1");
    facts.put("network", experiment.description());
    facts.put("loss", "softmax cross-entropy + " + Numbers.rate(Recipe.L2) + "·Σw² over the weights");
    facts.put("batch", experiment.batch() + " images");
    return facts;
  }

  @Override
  public Training training(Conditions conditions) {
    return new ImageTraining(experiment, data, conditions);
  }
}
