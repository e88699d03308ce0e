package io.nlar.experiments;

import io.nlar.Device;
import io.nlar.SettingException;
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
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All runs of a command: does those that are missing, keeps every epoch at once, and writes the results. */
final class Campaign {
  private static final String SETTINGS = "settings.txt";

  private final Experiment experiment;
  private final CampaignOptions options;
  private final SweepSetting setting;
  private final List<String> values;
  private final List<String> optimizers;
  private final List<Double> rates;
  private final List<Long> seeds;
  private final int epochs;
  private final Path folder;

  /**
   * Checks everything that was asked for.
   *
   * @param setting what a sweep varies; null in {@code train}
   * @param values its values; one empty value in {@code train}
   */
  Campaign(CampaignOptions options, SweepSetting setting, List<String> values, List<String> optimizers) {
    this.experiment = Experiment.named(options.experiment);
    this.options = options;
    this.setting = setting;
    this.values = List.copyOf(new LinkedHashSet<>(values));
    this.optimizers = List.copyOf(new LinkedHashSet<>(optimizers));
    this.rates = options.rates(experiment);
    this.seeds = options.seeds();
    this.epochs = options.epochs(experiment);
    this.folder = options.out != null ? options.out
        : Path.of("nlar-out", experiment.label() + (setting == null ? "" : "-" + setting.label()));
    DeviceSelection.checked(options.backend);
    for (String name : this.optimizers) {
      OptimizerChoice choice = new OptimizerChoice(name);
      if (setting != null) {
        if (!choice.nlar()) {
          throw new WrongArgumentException("sweep varies settings of Nlar; " + name + " has none of them");
        }
        values.forEach(value -> check(choice, value));
      }
    }
  }

  private void check(OptimizerChoice choice, String value) {
    try {
      setting.apply(choice.config(rates.getFirst()), value);
    } catch (SettingException refused) {
      throw new WrongArgumentException("'" + value + "' is no value of " + setting.label() + ": " + refused.getMessage(),
          refused);
    }
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
    DataSet data = experiment.data(options.data);
    Optional<String> noPictures = Fonts.missing();
    noPictures.ifPresent(reason -> err.println("nlar: there will be no pictures: " + reason));
    try {
      Files.createDirectories(folder);
    } catch (IOException failure) {
      throw unwritable(failure);
    }
    try (RunLock _ = RunLock.take(folder)) {
      int status = run(out, data, noPictures.isEmpty());
      return status == ExitCode.OK && noPictures.isPresent() ? ExitCode.NO_PICTURES : status;
    }
  }

  private CommandFailedException unwritable(IOException failure) {
    return new CommandFailedException("cannot write to the output folder " + folder + ": " + OutputFile.reason(failure)
        + "; give another one with --out", failure);
  }

  private int run(PrintWriter out, DataSet data, boolean pictures) throws IOException {
    RunLog log = new RunLog(folder);
    List<EpochRecord> records = prepare(log, data);
    DjlEngine.startFor(experiment);
    List<RunKey> missing = new ArrayList<>(keys());
    records.stream().map(EpochRecord::run).forEach(missing::remove);
    Interruption interruption = Interruption.install();
    try (Device device = DeviceSelection.open(options.backend)) {
      Training training = new Training(experiment, data, options.type, device, setting);
      out.println(experiment.description() + ", " + data.training().count() + " images; " + keys().size() + " runs of "
          + epochs + " epochs" + (missing.size() < keys().size() ? ", " + missing.size() + " of them still to do" : "")
          + "; results in " + folder);
      out.flush();
      try (Progress progress = Progress.start("train", (long) missing.size() * epochs)) {
        for (RunKey key : missing) {
          if (interruption.requested()) {
            break;
          }
          int before = records.size();
          progress.at(key.toString());
          training.run(key, epochs, interruption::requested, record -> {
            records.add(record);
            log.append(record);
            progress.at(key + (record.diverged() ? ": diverged"
                : ", epoch " + record.epoch() + ": " + Numbers.percent(record.testAccuracy()) + " %"));
            progress.step();
          });
          progress.step(epochs - (records.size() - before)); // a diverged run ends early
        }
      } catch (RuntimeException | Error failure) {
        try {
          report(out, records, data, device, pictures);
        } catch (RuntimeException | IOException | Error second) {
          failure.addSuppressed(second);
        }
        throw failure;
      }
      report(out, records, data, device, pictures);
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

  /** Makes the folder and the log ready, and returns the records of finished runs to keep. */
  private List<EpochRecord> prepare(RunLog log, DataSet data) throws IOException {
    String settings = settings(data);
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
  private String settings(DataSet data) {
    return "experiment " + experiment.label() + "\nepochs " + epochs + "\ntype " + DTypeConverter.name(options.type)
        + "\nimages " + data.training().count() + " + " + data.test().count()
        + "\npixels and labels " + Long.toHexString(data.training().checksum()) + " "
        + Long.toHexString(data.test().checksum())
        + "\nsweep of " + (setting == null ? "nothing" : setting.label()) + "\n";
  }

  /** The records of runs that came to their end; a run that was cut off is done anew. */
  private List<EpochRecord> finished(List<EpochRecord> records) {
    Map<RunKey, List<EpochRecord>> runs = new HashMap<>();
    records.forEach(record -> runs.computeIfAbsent(record.run(), run -> new ArrayList<>()).add(record));
    Set<RunKey> ended = new HashSet<>();
    runs.forEach((run, rows) -> {
      EpochRecord last = Collections.max(rows, Comparator.comparingInt(EpochRecord::epoch));
      // No epoch is there twice: as many as the last one's number are all of them.
      if (rows.size() == last.epoch() && (last.epoch() == epochs || last.diverged())) {
        ended.add(run);
      }
    });
    return new ArrayList<>(records.stream().filter(record -> ended.contains(record.run())).toList());
  }

  private void report(PrintWriter out, List<EpochRecord> records, DataSet data, Device device, boolean pictures)
      throws IOException {
    List<String> series = new ArrayList<>();
    for (String optimizer : optimizers) {
      for (String value : values) {
        series.add(Results.seriesOf(new RunKey(value, optimizer, rates.getFirst(), seeds.getFirst())));
      }
    }
    Set<RunKey> asked = Set.copyOf(keys());
    Results results = new Results(series, rates, epochs,
        records.stream().filter(record -> asked.contains(record.run())).toList());
    Findings findings = new Findings(results);
    out.println();
    out.println("Test accuracy in %, mean"
        + (seeds.size() > 1 ? " ± standard deviation over " + seeds.size() + " seeds" : "")
        + (setting == null ? "" : ", by " + setting.label()));
    out.println(findings.table());
    out.println();
    out.println(findings.sentence());
    out.flush();
    write(results, findings, series, data, device, pictures);
    out.println((pictures ? "Pictures and report: " : "Report: ") + folder.resolve(HtmlReport.NAME));
  }

  /** Writes pictures and report; the report comes even where a picture fails. */
  private void write(Results results, Findings findings, List<String> series, DataSet data, Device device,
      boolean pictures) throws IOException {
    Map<String, String> shown = new LinkedHashMap<>();
    try {
      if (pictures) {
        draw(results);
        shown.put(Pictures.ROBUSTNESS, "Accuracy by initial rate");
        shown.put(Pictures.CURVES, "Accuracy by epoch");
        shown.put(Pictures.RATES, "Learned rates by epoch");
      }
    } finally {
      page(findings, series, results, facts(data, device), shown);
    }
  }

  private void draw(Results results) {
    Pictures pictures = new Pictures(results, experiment.description());
    pictures.curves(folder);
    pictures.robustness(folder);
    pictures.learnedRates(folder);
  }

  private void page(Findings findings, List<String> series, Results results, Map<String, String> facts,
      Map<String, String> shown) throws IOException {
    List<List<String>> times = new ArrayList<>();
    for (String name : series) {
      times.add(List.of(name, Numbers.seconds(results.seconds(name, EpochRecord::forwardBackwardSeconds)),
          Numbers.seconds(results.seconds(name, EpochRecord::stepSeconds))));
    }
    HtmlReport.write(folder, "Nlar: " + experiment.description(), findings, times, facts, shown);
  }

  private Map<String, String> facts(DataSet data, Device device) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("data", data.source() + ", " + data.training().count() + " training and " + data.test().count()
        + " test images, pixels scaled to 0 … 1");
    facts.put("network", experiment.description());
    facts.put("loss", "softmax cross-entropy + " + Numbers.rate(Training.L2) + "·Σw² over the weights");
    facts.put("batch", experiment.batch() + " images");
    facts.put("initial values", "weights uniform by Glorot and Bengio, biases 0; seeds " + seeds);
    facts.put("epochs", Integer.toString(epochs));
    facts.put("Nlar", "μ = 1 with decay 1/t, σ = 1e-30, k0 = 1, no noise"
        + (setting == null ? "" : "; " + setting.label() + " varies over " + values));
    facts.put("Adam, AdamW, AdamHD", "β1 = 0.9, β2 = 0.999, ε = 1e-8; AdamW's weight decay 0.01; AdamHD's β after its name,"
        + " 1e-7 without one");
    facts.put("all optimizers", "gradients scaled to a global norm of at most 1");
    facts.put("element type", DTypeConverter.name(options.type));
    facts.put("Nlar's step on", device.info().selector() + " (" + device.info().name() + ")");
    facts.put("versions", "Nlar " + Version.nlar() + ", " + DjlEngine.version() + ", " + Version.java());
    facts.put("machine", Version.system() + ", " + Runtime.getRuntime().availableProcessors() + " processors");
    return facts;
  }
}
