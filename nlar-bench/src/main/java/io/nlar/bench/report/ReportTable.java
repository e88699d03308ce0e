package io.nlar.bench.report;

import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Kind;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.harness.Interval;
import io.nlar.cli.DTypeConverter;
import io.nlar.cli.Sizes;
import io.nlar.cli.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A race's figures for terminals of 120 columns. */
public final class ReportTable {
  private static final String NONE = "";
  private static final double PERCENT = 100;
  private static final int COLUMNS = 120;
  private static final String INDENT = "  ";
  /** Behind an interval that is too wide. */
  private static final String WIDE = "~";

  private ReportTable() {}

  /** The heading, the table, what is to be said about it, and who was skipped. */
  public static String of(RaceReport report) {
    List<String> lines = new ArrayList<>();
    for (Comparison comparison : report.comparisons()) {
      lines.add((comparison.of() + " vs " + comparison.to() + ": time " + ratio(comparison.time(), "%.2f")
          + (comparison.time().equals(comparison.timePerByte())
              ? "" : ", per byte " + ratio(comparison.timePerByte(), "%.2f"))).stripTrailing());
    }
    lines.addAll(remarks(report));
    report.skipped().forEach(skipped -> lines.add("skipped: " + skipped.name() + ": " + skipped.reason()));
    return Stream.concat(
        Stream.of(heading(report.spec()), table(report).toString()), lines.stream().flatMap(ReportTable::wrapped))
        .collect(Collectors.joining(System.lineSeparator()));
  }

  /** A line as several that are not too long, broken at spaces; what has none for so long stays whole. */
  private static Stream<String> wrapped(String line) {
    List<String> lines = new ArrayList<>();
    String rest = line;
    while (rest.length() > COLUMNS) {
      int space = rest.lastIndexOf(' ', COLUMNS);
      if (space < INDENT.length()) {
        break;
      }
      lines.add(rest.substring(0, space));
      rest = INDENT + rest.substring(space + 1);
    }
    lines.add(rest);
    return lines.stream();
  }

  private static String heading(RaceSpec spec) {
    DeviceInfo device = spec.workload().device();
    String where = spec.subject() == RaceSpec.Subject.DEVICES
        ? "all devices"
        : device.selector() + " (" + shortName(device) + ")";
    return where + ", " + DTypeConverter.name(spec.workload().type()) + ", " + Sizes.count(spec.workload().size())
        + " parameters: " + spec.title();
  }

  private static TextTable table(RaceReport report) {
    List<String> headings = new ArrayList<>(List.of("", ">ns/param", ">B/param", ">GB/s"));
    if (report.roofline() != null) {
      headings.add(">% of roofline [95 %]");
    }
    if (report.best() != null) {
      headings.add(">time / best [95 %]");
    }
    TextTable table = new TextTable(headings.toArray(String[]::new));
    for (Result result : report.results()) {
      List<String> row = new ArrayList<>(List.of(result.name(),
          nanos(result.nanosPerParameter().median()),
          number("%.0f", result.bytesPerParameter()),
          gigabytes(result.gigabytesPerSecond().median())));
      if (report.roofline() != null) {
        row.add(result.name().equals(report.roofline())
            ? "100 " : ratio(result.shareOfRoofline().times(PERCENT), "%.1f"));
      }
      if (report.best() != null) {
        row.add(result.ratioToBest() == null ? NONE
            : result.name().equals(report.best()) ? "1 " : ratio(result.ratioToBest(), "%.2f"));
      }
      table.row(row.toArray());
    }
    return table;
  }

  private static List<String> remarks(RaceReport report) {
    List<String> remarks = new ArrayList<>();
    long shapes = report.results().stream().filter(result -> result.kind() == Kind.ROOFLINE).count();
    if (shapes > 1) {
      remarks.add("roofline: " + report.roofline() + ", the fastest of " + shapes);
    }
    if (report.best() != null) {
      boolean faster = report.results().stream().anyMatch(r -> r.ratioToBest() != null && r.ratioToBest().median() < 1);
      remarks.add("best: " + report.best() + (faster ? ", the fastest step that keeps a state" : ""));
    }
    String above = report.results().stream().filter(Result::aboveRoofline).map(Result::name)
        .collect(Collectors.joining(", "));
    if (!above.isEmpty()) {
      remarks.add("warning: faster than the roofline throughout the interval, which is no bound here for: " + above);
    }
    int wide = report.wideRatios();
    if (wide > 0) {
      remarks.add(WIDE + " interval wider than " + Math.round(PERCENT * Interval.PRECISE) + " %: " + wide + " of "
          + report.ratios().size() + " ratios, after " + report.rounds() + " rounds");
    }
    return remarks;
  }

  /** A device's name without what follows the first comma: drivers' versions. */
  static String shortName(DeviceInfo device) {
    return device.name().split(",", 2)[0];
  }

  /** Nanoseconds a parameter. */
  static String nanos(double nanos) {
    return number(nanos < 0.1 ? "%.4f" : nanos < 10 ? "%.3f" : "%.1f", nanos);
  }

  /** Gigabytes a second. */
  static String gigabytes(double gigabytes) {
    return number("%.1f", gigabytes);
  }

  /** A ratio with its interval, and a mark or a blank. */
  private static String ratio(Interval interval, String format) {
    return number(format, interval.median()) + " [" + number(format, interval.low()) + " – "
        + number(format, interval.high()) + "]" + (interval.wide() ? WIDE : " ");
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
