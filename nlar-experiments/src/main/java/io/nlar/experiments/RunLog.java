package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import io.nlar.cli.OutputFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The file {@code runs.csv}: one line an epoch of a run, appended as soon as the epoch is done. */
final class RunLog {
  static final String NAME = "runs.csv";
  private static final String HEADER = "value,optimizer,rate,seed,%1$s,loss,training_%2$s,test_%2$s,"
      + "forward_backward_seconds,step_seconds,rate_lower_quartile,rate_median,rate_upper_quartile,diverged";
  private static final int COLUMNS = HEADER.split(",").length;

  private final Path file;
  private final String header;

  /** What a line is about. */
  private record Row(RunKey run, int epoch) {}

  RunLog(Path folder, Measure measure) {
    file = folder.resolve(NAME);
    header = HEADER.formatted(measure.epoch(), measure.column());
  }

  Path file() {
    return file;
  }

  /**
   * What the file holds; nothing where there is none. A last line that was cut off is left out.
   *
   * @throws CommandFailedException if it cannot be read, is broken, or has an epoch of a run twice
   */
  List<EpochRecord> read() {
    List<EpochRecord> records = new ArrayList<>();
    if (!Files.exists(file)) {
      return records;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException failure) {
      throw new CommandFailedException("cannot read " + file + ": " + OutputFile.reason(failure) + "; give another --out,"
          + " or leave --resume out", failure);
    }
    if (lines.isEmpty() || !lines.getFirst().equals(header)) {
      throw new CommandFailedException(file + " was not written by this version of nlar; give another --out, or leave"
          + " --resume out");
    }
    Set<Row> rows = new HashSet<>();
    for (int i = 1; i < lines.size(); i++) {
      EpochRecord record;
      try {
        record = parse(lines.get(i));
      } catch (IllegalArgumentException broken) {
        if (i < lines.size() - 1) {
          throw new CommandFailedException(file + ", line " + (i + 1) + ": " + broken.getMessage() + "; mend or remove the"
              + " line, give another --out, or leave --resume out", broken);
        }
        break;
      }
      if (!rows.add(new Row(record.run(), record.epoch()))) {
        throw new CommandFailedException(file + ", line " + (i + 1) + ": epoch " + record.epoch() + " of " + record.run()
            + " is there twice, perhaps since two commands wrote to one folder; remove the lines that are wrong, give"
            + " another --out, or leave --resume out");
      }
      records.add(record);
    }
    return records;
  }

  private static EpochRecord parse(String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != COLUMNS) {
      throw new IllegalArgumentException("has " + cells.length + " columns, not " + COLUMNS);
    }
    int epoch = Integer.parseInt(cells[4]);
    if (epoch < 1) {
      throw new IllegalArgumentException("there is no epoch " + epoch);
    }
    boolean diverged = cells[13].equals("true");
    if (!diverged && !cells[13].equals("false")) {
      throw new IllegalArgumentException("'" + cells[13] + "' is neither true nor false");
    }
    RunKey key = new RunKey(cells[0], cells[1], rate(cells[2]), Long.parseLong(cells[3]));
    return new EpochRecord(key, epoch, number(cells[5]), number(cells[6]), number(cells[7]),
        number(cells[8]), number(cells[9]), number(cells[10]), number(cells[11]), number(cells[12]),
        diverged);
  }

  private static double rate(String cell) {
    return cell.equals(Numbers.DEFAULT_RATE) ? Double.NaN : Double.parseDouble(cell);
  }

  private static double number(String cell) {
    return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
  }

  /** Writes the file anew with these records. */
  void rewrite(List<EpochRecord> records) {
    StringBuilder text = new StringBuilder(header).append('\n');
    records.forEach(record -> text.append(line(record)));
    OutputFile.at(file).write(out -> out.write(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** Adds a line. */
  void append(EpochRecord record) {
    try {
      Files.writeString(file, line(record), StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new CommandFailedException("cannot add to " + file + ": " + OutputFile.reason(failure)
          + "; once that is mended, --resume goes on", failure);
    }
  }

  private static String line(EpochRecord r) {
    RunKey k = r.run();
    return String.join(",", k.value(), k.optimizer(), cell(k), Long.toString(k.seed()),
        Integer.toString(r.epoch()), cell(r.loss()), cell(r.trainingScore()), cell(r.testScore()),
        String.format(Locale.ROOT, "%.4f", r.forwardBackwardSeconds()),
        String.format(Locale.ROOT, "%.4f", r.stepSeconds()), cell(r.lowerRate()), cell(r.medianRate()),
        cell(r.upperRate()), Boolean.toString(r.diverged())) + "\n";
  }

  private static String cell(RunKey run) {
    return Double.isNaN(run.rate()) ? Numbers.DEFAULT_RATE : Double.toString(run.rate());
  }

  private static String cell(double value) {
    return Double.isNaN(value) ? "" : Float.toString((float) value);
  }
}
