package io.nlar.bench.report;

import io.nlar.DeviceInfo;
import io.nlar.bench.cli.Sizes;
import io.nlar.bench.cli.TextTable;
import io.nlar.bench.harness.Interval;
import java.util.Locale;

/** A race's figures for terminals. */
public final class ReportTable {
  private static final String NONE = "";

  private ReportTable() {}

  /** The heading, the table and who was skipped. */
  public static String of(RaceReport report) {
    var workload = report.spec().workload();
    StringBuilder text = new StringBuilder(workload.device().selector() + " (" + shortName(workload.device()) + "), "
        + workload.type().name().toLowerCase(Locale.ROOT) + ", " + Sizes.count(workload.size()) + " parameters: "
        + report.spec().title() + System.lineSeparator());
    TextTable table = new TextTable("", ">ns/param", ">bytes/param", ">GB/s", ">% of roofline", ">time / best", ">95 % interval");
    for (Result result : report.results()) {
      table.row(result.name(),
          nanos(result.nanosPerParameter().median()),
          number("%.0f", result.trafficBytes()),
          number("%.1f", result.gigabytesPerSecond().median()),
          result.shareOfRoofline() == null ? NONE : number("%.1f", 100 * result.shareOfRoofline().median()),
          result.ratioToBest() == null ? NONE : number("%.3f", result.ratioToBest().median()),
          result.ratioToBest() == null ? NONE : interval(result.ratioToBest()));
    }
    text.append(table);
    for (Skipped skipped : report.skipped()) {
      text.append(System.lineSeparator()).append("skipped: ").append(skipped.name()).append(": ")
          .append(skipped.reason());
    }
    return text.toString();
  }

  /** A device's name without what follows the first comma: drivers' versions. */
  static String shortName(DeviceInfo device) {
    return device.name().split(",", 2)[0];
  }

  private static String nanos(double nanos) {
    return number(nanos < 0.1 ? "%.4f" : nanos < 10 ? "%.3f" : "%.1f", nanos);
  }

  private static String interval(Interval interval) {
    return number("%.3f", interval.low()) + " – " + number("%.3f", interval.high());
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
