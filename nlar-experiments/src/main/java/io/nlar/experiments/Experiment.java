package io.nlar.experiments;

import io.nlar.cli.WrongArgumentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a campaign is about, as users name it. */
sealed interface Experiment permits ImageExperiment, TextExperiment, EmbedExperiment, TabularExperiment, CartPole {

  /** Initial rates of the paper's tables. */
  List<String> ALL_RATES = List.of("1e-6", "1e-5", "1e-4", "1e-3", "1e-2", "0.1", "0.5", "1");

  /** The experiment of this name. */
  static Experiment named(String name) {
    List<Experiment> all = new ArrayList<>(List.of(ImageExperiment.values()));
    all.addAll(List.of(new TextExperiment(), new EmbedExperiment(), new TabularExperiment(), new CartPole()));
    return named(name, all);
  }

  /** The one of {@code all} that has this name. */
  static <E extends Experiment> E named(String name, List<E> all) {
    return all.stream().filter(e -> e.label().equals(name)).findFirst()
        .orElseThrow(() -> new WrongArgumentException("there is no experiment '" + name + "'; there are "
            + all.stream().map(Experiment::label).collect(Collectors.joining(", "))));
  }

  /** The name. */
  String label();

  /** What is learned by which network, for people. */
  String description();

  /** Initial rates where none are asked for. */
  List<String> rates();

  /** Epochs where none are asked for. */
  int epochs();

  /** What its runs are scored by. */
  Measure measure();

  /**
   * The score to which the time is told, NaN for none: a round one that Adam reaches from a usual rate well before the end. It
   * is the same for everybody, and stays.
   */
  double target();

  /** How many examples a run learns from where it is not asked for; more than there are for all. */
  default int usualExamples() {
    return CampaignOptions.ALL;
  }

  /** Whether its operations are so small that a second thread costs more than it brings. */
  boolean small();

  /**
   * Reads the data.
   *
   * @param data the folder or file in which the user keeps them; null: the embedded ones, or a download
   */
  Task prepare(Path data) throws IOException;
}
