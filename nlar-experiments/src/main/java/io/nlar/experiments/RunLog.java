package io.nlar.experiments;

import io.nlar.bench.cli.CommandFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The file {@code runs.csv}: one line an epoch of a run, appended as soon as the epoch is done. */
final class RunLog {
  static final String NAME = "runs.csv";
  private static final String HEADER = "value,optimizer,rate,seed,epoch,loss,training_accuracy,test_accuracy,"
      + "forward_backward_seconds,step_seconds,rate_lower_quartile,rate_median,rate_upper_quartile,diverged";
  private static final int COLUMNS = HEADER.split(",").length;

  private final Path file;

  RunLog(Path folder) {
    file = folder.resolve(NAME);
  }

  Path file() {
    return file;
  }

  /** What the file holds; nothing where there is none. A last line that was cut off is left out. */
  List<EpochRecord> read() throws IOException {
    List<EpochRecord> records = new ArrayList<>();
    if (!Files.exists(file)) {
      return records;
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty() || !lines.getFirst().equals(HEADER)) {
      throw new CommandFailedException(file + " was not written by this version of nlar; give another --out, or leave"
          + " --resume out");
    }
    for (int i = 1; i < lines.size(); i++) {
      try {
        records.add(parse(lines.get(i)));
      } catch (IllegalArgumentException broken) {
        if (i < lines.size() - 1) {
          throw new CommandFailedException(file + ", line " + (i + 1) + ": " + broken.getMessage(), broken);
        }
      }
    }
    return records;
  }

  private static EpochRecord parse(String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != COLUMNS) {
      throw new IllegalArgumentException("has " + cells.length + " columns, not " + COLUMNS);
    }
    RunKey key = new RunKey(cells[0], cells[1], Double.parseDouble(cells[2]), Long.parseLong(cells[3]));
    return new EpochRecord(key, Integer.parseInt(cells[4]), number(cells[5]), number(cells[6]), number(cells[7]),
        number(cells[8]), number(cells[9]), number(cells[10]), number(cells[11]), number(cells[12]),
        Boolean.parseBoolean(cells[13]));
  }

  private static double number(String cell) {
    return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
  }

  /** Writes the file anew with these records. */
  void rewrite(List<EpochRecord> records) throws IOException {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    records.forEach(record -> text.append(line(record)));
    Path whole = file.resolveSibling(NAME + ".part");
    Files.writeString(whole, text);
    Files.move(whole, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  /** Adds a line. */
  void append(EpochRecord record) {
    try {
      Files.writeString(file, line(record), StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static String line(EpochRecord r) {
    RunKey k = r.run();
    return String.join(",", k.value(), k.optimizer(), Double.toString(k.rate()), Long.toString(k.seed()),
        Integer.toString(r.epoch()), cell(r.loss()), cell(r.trainingAccuracy()), cell(r.testAccuracy()),
        String.format(Locale.ROOT, "%.4f", r.forwardBackwardSeconds()),
        String.format(Locale.ROOT, "%.4f", r.stepSeconds()), cell(r.lowerRate()), cell(r.medianRate()),
        cell(r.upperRate()), Boolean.toString(r.diverged())) + "\n";
  }

  private static String cell(double value) {
    return Double.isNaN(value) ? "" : Float.toString((float) value);
  }
}
