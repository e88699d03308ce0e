package io.nlar.experiments;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.bench.cli.CommandFailedException;
import io.nlar.bench.cli.DTypeConverter;
import io.nlar.bench.cli.ExitCode;
import io.nlar.bench.cli.Progress;
import io.nlar.bench.cli.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
    // Pictures need no display, and the one that DISPLAY names may be gone.
    System.setProperty("java.awt.headless", "true");
    for (String name : this.optimizers) {
      OptimizerChoice choice = new OptimizerChoice(name);
      if (setting != null) {
        if (!choice.nlar()) {
          throw new CommandFailedException("sweep varies settings of Nlar; " + name + " has none of them");
        }
        values.forEach(value -> setting.apply(choice.config(rates.getFirst()), value));
      }
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
  int run(PrintWriter out) throws IOException {
    RunLog log = new RunLog(folder);
    DataSet data = experiment.data(options.data);
    List<EpochRecord> records = prepare(log, data);
    DjlEngine.startFor(experiment);
    List<RunKey> missing = new ArrayList<>(keys());
    records.stream().map(EpochRecord::run).forEach(missing::remove);
    Interruption interruption = Interruption.install();
    try (Device device = Backends.open(options.backend)) {
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
          report(out, records, data, device);
        } catch (RuntimeException | IOException | Error second) {
          failure.addSuppressed(second);
        }
        throw failure;
      }
      report(out, records, data, device);
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
    try {
      Files.createDirectories(folder);
      Path settingsFile = folder.resolve(SETTINGS);
      if (options.resume && Files.exists(log.file())) {
        String before = Files.exists(settingsFile) ? Files.readString(settingsFile) : "";
        if (!before.equals(settings)) {
          throw new CommandFailedException("the runs in " + folder + " were done with other settings:\n" + before
              + "now asked for:\n" + settings + "Give the same ones, or another --out.");
        }
        kept = finished(log.read());
      } else if (Files.exists(log.file())) {
        Path old = folder.resolve("runs-" + Files.getLastModifiedTime(log.file()).toInstant().toString()
            .replace(":", "").replaceAll("\\..*", "") + ".csv");
        Files.move(log.file(), old, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.writeString(settingsFile, settings);
      log.rewrite(kept);
    } catch (IOException failure) {
      throw new CommandFailedException("cannot write to the output folder " + folder + " (" + failure
          + "); give another one with --out", failure);
    }
    return kept;
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
    Set<RunKey> ended = new HashSet<>();
    for (EpochRecord record : records) {
      if (record.epoch() == epochs || record.diverged()) {
        ended.add(record.run());
      }
    }
    return new ArrayList<>(records.stream().filter(record -> ended.contains(record.run())).toList());
  }

  private void report(PrintWriter out, List<EpochRecord> records, DataSet data, Device device) throws IOException {
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
    draw(results, findings, series, data, device);
    out.println("Pictures and report: " + folder.resolve(HtmlReport.NAME));
  }

  private void draw(Results results, Findings findings, List<String> series, DataSet data, Device device)
      throws IOException {
    Pictures pictures = new Pictures(results, experiment.description());
    pictures.curves(folder);
    pictures.robustness(folder);
    pictures.learnedRates(folder);
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put(Pictures.ROBUSTNESS, "Accuracy by initial rate");
    shown.put(Pictures.CURVES, "Accuracy by epoch");
    shown.put(Pictures.RATES, "Learned rates by epoch");
    List<List<String>> times = new ArrayList<>();
    for (String name : series) {
      times.add(List.of(name, Numbers.seconds(results.seconds(name, EpochRecord::forwardBackwardSeconds)),
          Numbers.seconds(results.seconds(name, EpochRecord::stepSeconds))));
    }
    HtmlReport.write(folder, "Nlar: " + experiment.description(), findings, times, facts(data, device), shown);
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
