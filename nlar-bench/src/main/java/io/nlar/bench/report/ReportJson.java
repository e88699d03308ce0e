package io.nlar.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Workload;
import io.nlar.cli.DTypeConverter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A benchmark's figures as JSON, the samples included. The names in the document are those of the records' parts. */
public final class ReportJson {
  private static final JSON WRITER = JSON.std
      .with(JSON.Feature.PRETTY_PRINT_OUTPUT, JSON.Feature.WRITE_RECORD_FIELDS_IN_DECLARATION_ORDER);

  private ReportJson() {}

  private record Device(String selector, String name, long memoryBytes) {}

  private record Race(String title, Device device, String dtype, long parameters, int threads, double seconds,
      int warmUpPasses, int rounds, int ratios, int ratiosWiderThan5Percent, String roofline, String best,
      List<Comparison> comparisons, List<Result> results, List<Skipped> skipped) {

    static Race of(RaceReport report) {
      Workload workload = report.spec().workload();
      DeviceInfo device = workload.device();
      return new Race(report.spec().title(), new Device(device.selector(), device.name(), device.memoryBytes()),
          DTypeConverter.name(workload.type()), workload.size(), workload.threads(),
          report.elapsed().toMillis() / 1000.0, report.warmUpPasses(), report.rounds(), report.ratios().size(),
          report.wideRatios(), report.roofline(), report.best(), report.comparisons(), report.results(),
          report.skipped());
    }
  }

  /**
   * Writes what there is so far.
   *
   * @param run when, on what and with what settings: the head of the document
   */
  public static void write(OutputStream out, Map<String, Object> run, List<RaceReport> races) throws IOException {
    Map<String, Object> json = new LinkedHashMap<>(run);
    json.put("races", races.stream().map(Race::of).toList());
    WRITER.write(json, out);
  }
}
