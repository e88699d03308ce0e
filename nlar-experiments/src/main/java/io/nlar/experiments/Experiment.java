package io.nlar.experiments;

import io.nlar.cli.WrongArgumentException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a campaign is about, as users name it. */
sealed interface Experiment permits ImageExperiment, CartPole {

  /** The experiment of this name. */
  static Experiment named(String name) {
    List<Experiment> all = new ArrayList<>(List.of(ImageExperiment.values()));
    all.add(new CartPole());
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

  /** Whether its operations are so small that a second thread costs more than it brings. */
  boolean small();

  /**
   * Reads the data.
   *
   * @param folder where the user keeps them; null: the embedded ones, or a download
   */
  Task prepare(Path folder) throws IOException;
}
