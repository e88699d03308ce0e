package io.nlar.bench.command;

import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.report.Machine;
import io.nlar.bench.report.RaceReport;
import io.nlar.bench.report.ReportChart;
import io.nlar.bench.report.ReportJson;
import io.nlar.cli.CommandFailedException;
import io.nlar.cli.OutputFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of a benchmark as they come in. The JSON file is written anew after each race, so that a failure costs only
 * what is to come; the chart is drawn at the end, whatever the end is.
 */
final class BenchFigures implements AutoCloseable {
  private static final double NANOS_A_SECOND = 1e9;

  private final OutputFile json;
  private final OutputFile chart;
  private final Map<String, Object> head;
  private final long start;
  private final List<RaceReport> reports = new ArrayList<>();
  private final List<String> noTime = new ArrayList<>();
  private boolean complete;

  /**
   * Without a figure yet.
   *
   * @param chart null: none is drawn
   * @param head on what and with what settings: the head of the JSON
   * @param start when it began, {@link System#nanoTime}
   */
  BenchFigures(OutputFile json, OutputFile chart, Map<String, Object> head, long start) {
    this.json = json;
    this.chart = chart;
    this.head = head;
    this.start = start;
  }

  /** Takes a race's figures. */
  void add(RaceReport report) {
    reports.add(report);
    if (json.replaceable()) {
      writeJson();
    }
  }

  /** Notes a race for which there was no time. */
  void noTimeFor(RaceSpec race, String name) {
    noTime.add(name + ": " + race.title());
  }

  /** Says that every race was run. */
  void complete() {
    complete = true;
  }

  /** Whether there is none yet. */
  boolean isEmpty() {
    return reports.isEmpty();
  }

  /** Seconds since the start. */
  double seconds() {
    return (System.nanoTime() - start) / NANOS_A_SECOND;
  }

  private void writeJson() {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("complete", complete);
    run.put("seconds", seconds());
    run.putAll(head);
    run.put("noTimeFor", List.copyOf(noTime));
    run.put("loadAverageAfter", Machine.load());
    json.write(stream -> ReportJson.write(stream, run, reports));
  }

  /**
   * Writes what there is.
   *
   * @throws CommandFailedException if that fails
   */
  @Override
  public void close() {
    if (reports.isEmpty()) {
      return;
    }
    writeJson();
    if (chart != null) {
      chart.write(stream -> ReportChart.write(stream, reports));
    }
  }
}
