package io.nlar.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.DeviceInfo;
import io.nlar.bench.cli.DTypeConverter;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Interval;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A benchmark's figures as JSON, the samples included. */
public final class ReportJson {
  private ReportJson() {}

  /** Writes machine, settings and races. */
  public static void write(
      OutputStream out, Instant date, Map<String, Object> settings, List<RaceReport> races) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("date", date.toString());
    json.put("machine", Machine.describe());
    json.put("settings", settings);
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
    json.put("nanosPerRun", Arrays.stream(result.samples().nanos()).boxed().toList());
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
