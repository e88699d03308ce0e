package io.nlar.experiments;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.cli.CommandFailedException;
import io.nlar.cli.DTypeConverter;
import io.nlar.cli.DeviceSelection;
import io.nlar.cli.ExitCode;
import io.nlar.cli.Fonts;
import io.nlar.cli.OutputFile;
import io.nlar.cli.Progress;
import io.nlar.cli.Version;
import io.nlar.cli.WrongArgumentException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** All runs of a command: does those that are missing, keeps every epoch at once, and writes the results. */
final class Campaign {
  private static final String SETTINGS = "settings.txt";

  private final Experiment experiment;
  private final CampaignOptions options;
  private final Variation variation;
  private final Measure measure;
  private final DType type;
  private final List<String> values;
  private final List<String> optimizers;
  private final List<Double> rates;
  private final List<Long> seeds;
  private final int epochs;
  /** How many examples are learned from at most. */
  private final int examples;
  /** How many examples are tested on at most. */
  private final int tests;
  private final Path folder;

  /**
   * Checks everything that was asked for.
   *
   * @param variation what varies beside optimizers and rates
   * @param values its values; none: its own
   */
  Campaign(CampaignOptions options, Variation variation, List<String> values, List<String> optimizers) {
    this.experiment = Experiment.named(options.experiment);
    this.options = options;
    this.variation = variation;
    this.measure = experiment.measure();
    this.values = List.copyOf(new LinkedHashSet<>(values.isEmpty() ? variation.defaults() : values));
    this.optimizers = List.copyOf(new LinkedHashSet<>(optimizers));
    this.type = options.type(variation);
    this.rates = options.rates(experiment, type);
    this.seeds = options.seeds();
    this.epochs = options.epochs(experiment);
    this.examples = options.examples(experiment);
    this.tests = options.testExamples();
    this.folder = options.out != null ? options.out
        : Path.of("nlar-out", experiment.label() + (varies() ? "-" + variation.label() : ""));
    DeviceSelection.checked(options.backend);
    for (String name : this.optimizers) {
      OptimizerChoice choice = new OptimizerChoice(name);
      this.values.forEach(value -> variation.check(choice, choice.rate(rates.getFirst()), value));
    }
  }

  private boolean varies() {
    return !variation.label().isEmpty();
  }

  private List<RunKey> keys() {
    List<RunKey> keys = new ArrayList<>();
    for (long seed : seeds) {
      for (double rate : rates) {
        for (String value : values) {
          for (String optimizer : optimizers) {
            keys.add(new RunKey(value, optimizer, rate, seed));
          }
        }
      }
    }
    return keys;
  }

  /** Does the runs and writes the results; returns an {@link ExitCode}. */
  int run(PrintWriter out, PrintWriter err) throws IOException {
    Task task = experiment.prepare(options.data);
    options.check(task);
    Optional<String> noPictures = Fonts.missing();
    noPictures.ifPresent(reason -> err.println("nlar: there will be no pictures: " + reason));
    try {
      Files.createDirectories(folder);
    } catch (IOException failure) {
      throw unwritable(failure);
    }
    try (RunLock _ = RunLock.take(folder)) {
      int status = run(out, task, noPictures.isEmpty());
      return status == ExitCode.OK && noPictures.isPresent() ? ExitCode.NO_PICTURES : status;
    }
  }

  /** How many examples are learned from, where not all of them are; else 0. */
  private int subset(Task task) {
    return examples < task.examples() ? examples : 0;
  }

  /** How many examples are tested on, where not all of them are; else 0. */
  private int testSubset(Task task) {
    return tests < task.tests() ? tests : 0;
  }

  private CommandFailedException unwritable(IOException failure) {
    return new CommandFailedException("cannot write to the output folder " + folder + ": " + OutputFile.reason(failure)
        + "; give another one with --out", failure);
  }

  private int run(PrintWriter out, Task task, boolean pictures) throws IOException {
    RunLog log = new RunLog(folder, measure);
    List<EpochRecord> records = prepare(log, task);
    DjlEngine.startFor(experiment);
    List<RunKey> missing = new ArrayList<>(keys());
    records.stream().map(EpochRecord::run).forEach(missing::remove);
    Interruption interruption = Interruption.install();
    try (Device device = DeviceSelection.open(options.backend)) {
      Training training = task.training(new Conditions(type, device, variation, examples, tests));
      out.println(experiment.description() + ", " + (subset(task) > 0 ? subset(task) + " of " : "") + task.extent()
          + (testSubset(task) > 0 ? ", tested on " + testSubset(task) + " of " + task.tests() : "") + "; " + keys().size() + " runs of " + epochs + " " + measure.epoch() + "s" + (missing.size() < keys().size() ? ", " + missing.size() + " of them still to do" : "")
          + "; results in " + folder);
      out.flush();
      try (Progress progress = Progress.start("train", (long) missing.size() * epochs)) {
        for (RunKey key : missing) {
          if (interruption.requested()) {
            break;
          }
          int before = records.size();
          progress.at(key.toString());
          try (RunObserver observer = observer(key)) {
            training.run(key, epochs, interruption::requested, record -> {
              records.add(record);
              log.append(record);
              progress.at(key + (record.diverged() ? ": diverged"
                  : ", " + measure.epoch() + " " + record.epoch() + ": " + measure.text(record.testScore())));
              progress.step();
            }, observer);
          }
          progress.step(epochs - (records.size() - before)); // one that diverged or solved its task ends early
        }
      } catch (RuntimeException | Error failure) {
        try {
          report(out, records, task, device, pictures);
        } catch (RuntimeException | IOException | Error second) {
          failure.addSuppressed(second);
        }
        throw failure;
      }
      report(out, records, task, device, pictures);
      if (interruption.requested()) {
        out.println("Interrupted; what was done is kept, and --resume continues.");
        return ExitCode.FAILED;
      }
      return ExitCode.OK;
    } finally {
      out.flush();
      interruption.finished();
    }
  }

  private RunObserver observer(RunKey key) {
    return options.tensorboard == null ? RunObserver.NONE : RunEvents.create(options.tensorboard, key, measure);
  }

  /** Makes the folder and the log ready, and returns the records of finished runs to keep. */
  private List<EpochRecord> prepare(RunLog log, Task task) throws IOException {
    String settings = settings(task);
    List<EpochRecord> kept = new ArrayList<>();
    Path settingsFile = folder.resolve(SETTINGS);
    try {
      if (options.resume && Files.exists(log.file())) {
        String before = before(settingsFile);
        if (!before.equals(settings)) {
          throw new CommandFailedException("the runs in " + folder + " were done with other settings:\n" + before
              + "now asked for:\n" + settings + "Give the same ones, or another --out.");
        }
        kept = finished(log.read());
      } else if (Files.exists(log.file())) {
        Files.move(log.file(), unused(Files.getLastModifiedTime(log.file()).toInstant()));
      }
    } catch (IOException failure) {
      throw unwritable(failure);
    }
    OutputFile.at(settingsFile).write(stream -> stream.write(settings.getBytes(StandardCharsets.UTF_8)));
    log.rewrite(kept);
    return kept;
  }

  private static String before(Path settings) {
    try {
      return Files.exists(settings) ? Files.readString(settings) : "";
    } catch (IOException failure) {
      throw new CommandFailedException("cannot read " + settings + ": " + OutputFile.reason(failure)
          + "; give another --out, or leave --resume out", failure);
    }
  }

  /** A name for runs of that time under which none are kept yet. */
  private Path unused(Instant time) {
    String name = "runs-" + time.toString().replace(":", "").replaceAll("\\..*", "");
    Path path = folder.resolve(name + ".csv");
    for (int i = 2; Files.exists(path); i++) {
      path = folder.resolve(name + "-" + i + ".csv");
    }
    return path;
  }

  /** What must agree for runs to be comparable. */
  private String settings(Task task) {
    return "experiment " + experiment.label() + "\nepochs " + epochs + "\ntype " + DTypeConverter.name(type)
        + "\n" + task.fingerprint() + (subset(task) > 0 ? "examples " + subset(task) + "\n" : "")
        + (testSubset(task) > 0 ? "test examples " + testSubset(task) + "\n" : "") + "sweep of "
        + (varies() ? variation.label() : "nothing") + "\n" + variation.settings();
  }

  /** The records of runs that came to their end; a run that was cut off is done anew. */
  private List<EpochRecord> finished(List<EpochRecord> records) {
    Map<RunKey, NavigableMap<Integer, EpochRecord>> runs = new HashMap<>();
    records.forEach(record ->
        runs.computeIfAbsent(record.run(), run -> new TreeMap<>()).put(record.epoch(), record));
    Set<RunKey> ended = new HashSet<>();
    runs.forEach((run, rows) -> {
      EpochRecord last = rows.lastEntry().getValue();
      // No epoch is there twice: as many as the last one's number are all of them.
      if (rows.size() == last.epoch()
          && (last.epoch() == epochs || last.diverged() || Results.solved(rows, measure))) {
        ended.add(run);
      }
    });
    return new ArrayList<>(records.stream().filter(record -> ended.contains(record.run())).toList());
  }

  private void report(PrintWriter out, List<EpochRecord> records, Task task, Device device, boolean pictures)
      throws IOException {
    List<String> series = new ArrayList<>();
    for (String optimizer : optimizers) {
      for (String value : values) {
        series.add(Results.seriesOf(new RunKey(value, optimizer, rates.getFirst(), seeds.getFirst())));
      }
    }
    Set<RunKey> asked = Set.copyOf(keys());
    Results results = new Results(series, rates, epochs, measure, experiment.target(),
        records.stream().filter(record -> asked.contains(record.run())).toList());
    Findings findings = new Findings(results, variation::reference);
    out.println();
    out.println(HtmlReport.capital(measure.label()) + " in " + measure.unit() + ", mean"
        + (measure.tellsAtOnce() ? "" : " of the last " + measure.window() + " tests,")
        + (seeds.size() > 1 ? " ± standard error over " + seeds.size() + " seeds" : "")
        + (varies() ? ", by " + variation.label() : ""));
    for (Findings.Table table : findings.tables()) {
      if (!table.caption().isEmpty()) {
        out.println(System.lineSeparator() + HtmlReport.capital(table.caption()));
      }
      out.println(table);
    }
    out.println();
    out.println(findings.sentence());
    out.flush();
    write(results, findings, series, task, device, pictures);
    out.println((pictures ? "Pictures and report: " : "Report: ") + folder.resolve(HtmlReport.NAME));
  }

  /** Writes pictures and report; the report comes even where a picture fails. */
  private void write(Results results, Findings findings, List<String> series, Task task, Device device,
      boolean pictures) throws IOException {
    List<Figure> shown = figures(results);
    Set<Figure> drawn = new HashSet<>();
    try {
      if (pictures) {
        for (Figure figure : shown) {
          Pictures.write(folder, figure);
          drawn.add(figure);
        }
      }
    } finally {
      page(findings, series, results, facts(task, device), shown, drawn);
    }
  }

  /** In the order of the report, which begins with what matters most. */
  private List<Figure> figures(Results results) {
    Figures figures = new Figures(results, experiment.description());
    List<Figure> all = new ArrayList<>();
    if (varies()) {
      all.add(figures.byValue(variation.label(), optimizers, values));
    }
    all.addAll(List.of(figures.robustness(), figures.curves(), figures.learnedRates()));
    return all;
  }

  private void page(Findings findings, List<String> series, Results results, Map<String, String> facts,
      List<Figure> shown, Set<Figure> drawn) throws IOException {
    List<List<String>> times = new ArrayList<>();
    for (String name : series) {
      times.add(List.of(name, Numbers.seconds(results.seconds(name, EpochRecord::forwardBackwardSeconds)),
          Numbers.seconds(results.seconds(name, EpochRecord::stepSeconds))));
    }
    HtmlReport.write(folder, "Nlar: " + experiment.description(), measure, findings, times, facts, shown, drawn);
  }

  private Map<String, String> facts(Task task, Device device) {
    Map<String, String> facts = new LinkedHashMap<>(task.facts());
    if (subset(task) > 0) {
      facts.put("examples", subset(task) + ", drawn once, the same for all");
    }
    if (testSubset(task) > 0) {
      facts.put("test examples", testSubset(task) + ", drawn once, the same for all");
    }
    facts.put("initial values", "weights uniform by Glorot and Bengio, biases 0; seeds " + seeds);
    facts.put(measure.epoch() + "s", Integer.toString(epochs));
    facts.put("Nlar", "μ = 1 with decay 1/t, σ = 1e-30, k0 = 1, no noise"
        + (varies() ? "; " + variation.label() + " varies over " + values : ""));
    facts.put("Adam, AdamW, AdamHD", "β1 = 0.9, β2 = 0.999, ε = 1e-8; AdamW's weight decay 0.01; AdamHD's β after its name,"
        + " 1e-7 without one");
    for (String name : optimizers) {
      OptimizerChoice choice = new OptimizerChoice(name);
      choice.published().ifPresent(settings -> facts.put(name, settings));
    }
    if (rates.stream().anyMatch(rate -> rate.isNaN())) {
      facts.put("default initial rates", optimizers.stream()
          .map(name -> name + " " + Numbers.rate(new OptimizerChoice(name).defaultRate())).collect(Collectors.joining(", ")));
    }
    facts.put("all optimizers", "gradients scaled to a global norm of at most 1"
        + (varies() ? ", but where " + variation.label() + " says otherwise" : ""));
    facts.put("element type", DTypeConverter.name(type));
    if (!variation.settings().isEmpty()) {
      facts.put("the library's optimizers", variation.settings().strip() + ", the others in full");
    }
    facts.put("Nlar's step on", device.info().selector() + " (" + device.info().name() + ")");
    facts.put("versions", "Nlar " + Version.nlar() + ", " + DjlEngine.version() + ", " + Version.java());
    facts.put("machine", Version.system() + ", " + Runtime.getRuntime().availableProcessors() + " processors");
    return facts;
  }
}
