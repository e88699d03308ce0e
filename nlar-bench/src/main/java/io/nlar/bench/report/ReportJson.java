package io.nlar.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Interval;
import io.nlar.cli.DTypeConverter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A benchmark's figures as JSON, the samples included. */
public final class ReportJson {
  private ReportJson() {}

  /**
   * Writes what there is so far.
   *
   * @param run when, on what and with what settings: the head of the document
   */
  public static void write(OutputStream out, Map<String, Object> run, List<RaceReport> races) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>(run);
    json.put("races", races.stream().map(ReportJson::race).toList());
    JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).write(json, out);
  }

  private static Map<String, Object> race(RaceReport report) {
    Workload workload = report.spec().workload();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("title", report.spec().title());
    json.put("device", device(workload.device()));
    json.put("dtype", DTypeConverter.name(workload.type()));
    json.put("parameters", workload.size());
    json.put("threads", workload.threads());
    json.put("seconds", report.elapsed().toMillis() / 1000.0);
    json.put("warmUpPasses", report.warmUpPasses());
    json.put("rounds", report.rounds());
    json.put("ratios", report.ratios().size());
    json.put("ratiosWiderThan5Percent", report.wideRatios());
    json.put("roofline", report.roofline());
    json.put("best", report.best());
    json.put("comparisons", report.comparisons().stream().map(ReportJson::comparison).toList());
    json.put("results", report.results().stream().map(ReportJson::result).toList());
    json.put("skipped", report.skipped().stream()
        .map(skipped -> Map.of("name", skipped.name(), "reason", skipped.reason())).toList());
    return json;
  }

  private static Map<String, Object> device(DeviceInfo device) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("selector", device.selector());
    json.put("name", device.name());
    json.put("memoryBytes", device.memoryBytes());
    return json;
  }

  private static Map<String, Object> result(Result result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", result.name());
    json.put("kind", result.kind().name().toLowerCase(Locale.ROOT));
    json.put("bytesPerParameter", result.trafficBytes());
    json.put("nanosPerParameter", interval(result.nanosPerParameter()));
    json.put("gigabytesPerSecond", interval(result.gigabytesPerSecond()));
    if (result.shareOfRoofline() != null) {
      json.put("shareOfRoofline", interval(result.shareOfRoofline()));
    }
    if (result.ratioToBest() != null) {
      json.put("ratioToBest", interval(result.ratioToBest()));
    }
    json.put("runsPerSample", result.samples().repetitions());
    json.put("nanosPerRun", result.samples().rounds());
    return json;
  }

  private static Map<String, Object> comparison(Comparison comparison) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("of", comparison.of());
    json.put("to", comparison.to());
    json.put("time", interval(comparison.time()));
    json.put("timePerByte", interval(comparison.timePerByte()));
    return json;
  }

  private static Map<String, Object> interval(Interval interval) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("median", interval.median());
    json.put("low", interval.low());
    json.put("high", interval.high());
    return json;
  }
}
