package io.nlar.cuda;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Makes the tables of docs/benchmarks.md of the JSON that {@link GpuCheck} leaves. */
final class GpuTables {
  private static final List<String> RIVALS = List.of("fused Adam", "clip + fused Adam", "foreach Adam");
  private static final String NONE = "–";

  private final Map<String, Object> document;
  private final List<Map<String, Object>> findings = new ArrayList<>();

  private GpuTables(Map<String, Object> document) {
    this.document = document;
    for (Object finding : (List<?>) document.getOrDefault("findings", List.of())) {
      @SuppressWarnings("unchecked")
      Map<String, Object> fields = (Map<String, Object>) finding;
      findings.add(fields);
    }
  }

  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("gpu-check --tables FILE, the JSON that a check has left");
      System.exit(2);
    }
    System.out.print(of(Files.readString(Path.of(args[0]))));
  }

  /** The tables of a document. */
  static String of(String json) throws IOException {
    GpuTables tables = new GpuTables(JSON.std.mapFrom(json));
    return tables.heading() + tables.sizes() + tables.modes() + tables.counts() + tables.checks();
  }

  private String heading() {
    Object bytes = document.get("memoryBytes");
    return "### " + document.getOrDefault("device", "no GPU") + ", " + String.valueOf(document.get("date")).split("T")[0]
        + "\n\n" + document.get("system")
        + (bytes instanceof Number memory ? ", " + memory.longValue() / (1 << 30) + " GiB on the GPU" : "")
        + (Boolean.TRUE.equals(document.get("complete")) ? "" : "; **the check did not come to its end**") + ".\n\n";
  }

  /** One row a size: Nlar, a copy, PyTorch. */
  private String sizes() {
    List<Map<String, Object>> nlar = findings.stream().filter(fields -> "figures".equals(fields.get("check"))).toList();
    if (nlar.stream().noneMatch(fields -> fields.containsKey("stepMicroseconds"))) {
      return "";
    }
    StringBuilder table = new StringBuilder(head("float32 parameters", "Nlarcm, µs", "GB/s", "copy, GB/s", "share of it",
        "fused Adam, µs", "Nlarcm / it, per byte", "clip + fused Adam, µs", "foreach Adam, µs", "bfloat16 fused Adam, µs"));
    for (Map<String, Object> fields : nlar) {
      if (fields.containsKey("parameters")) {
        Object length = fields.get("parameters");
        table.append(row(binary(length), number(fields, "stepMicroseconds"), number(fields, "stepGBs"),
            number(fields, "copyGBs"), number(fields, "ratio"), rival("fused Adam", length, 1, "microseconds"),
            rival("fused Adam", length, 1, "perByte"), rival("clip + fused Adam", length, 1, "microseconds"),
            rival("foreach Adam", length, 1, "microseconds"), rival("bfloat16 fused Adam", length, 1, "microseconds")));
      }
    }
    return table.append('\n').toString();
  }

  /** One row a size and way to keep numbers. */
  private String modes() {
    List<Map<String, Object>> modes = findings.stream()
        .filter(fields -> "modes".equals(fields.get("check")) && fields.containsKey("mode")).toList();
    if (modes.isEmpty()) {
      return "";
    }
    StringBuilder table = new StringBuilder(head("rule", "parameters", "kept as", "µs", "GB/s", "faster than float32"));
    modes.forEach(fields -> table.append(row(String.valueOf(fields.get("rule")), binary(fields.get("parameters")), String.valueOf(fields.get("mode")),
        number(fields, "stepMicroseconds"), number(fields, "stepGBs"), number(fields, "gain"))));
    return table.append('\n').toString();
  }

  /** One row a number of tensors. */
  private String counts() {
    List<Map<String, Object>> nlar = findings.stream()
        .filter(fields -> "many".equals(fields.get("check")) && fields.containsKey("tensors")).toList();
    if (nlar.isEmpty()) {
      return "";
    }
    StringBuilder table = new StringBuilder(head("tensors of 4 Ki", "Nlarcm, µs", "one tensor as long, µs", "ratio",
        "fused Adam, µs", "clip + fused Adam, µs", "foreach Adam, µs"));
    for (Map<String, Object> fields : nlar) {
      int count = ((Number) fields.get("tensors")).intValue();
      List<String> cells = new ArrayList<>(List.of(Integer.toString(count), number(fields, "manyMicroseconds"),
          number(fields, "oneMicroseconds"), number(fields, "ratio")));
      RIVALS.forEach(rival -> cells.add(rival(rival, count * GpuFigures.SMALL, count, "microseconds")));
      table.append(row(cells.toArray(String[]::new)));
    }
    return table.append('\n').toString();
  }

  /** One row a check that is no race. */
  private String checks() {
    Set<String> races = Set.of("figures", "modes", "many", "rival");
    StringBuilder table = new StringBuilder(head("check", "found"));
    for (Map<String, Object> fields : findings) {
      String name = String.valueOf(fields.get("check"));
      if (!races.contains(name) || fields.containsKey("failed") || Boolean.FALSE.equals(fields.get("met"))) {
        Set<String> words = new LinkedHashSet<>();
        fields.forEach((key, value) -> {
          if (!key.equals("check") && !key.equals("seconds")) {
            words.add(Boolean.TRUE.equals(value) ? key : key + " " + value);
          }
        });
        table.append(row(name, String.join(", ", words).replaceAll("\\s+", " ").replace("|", "\\|")));
      }
    }
    return table.toString();
  }

  private String rival(String name, Object parameters, int tensors, String field) {
    return findings.stream()
        .filter(fields -> name.equals(fields.get("rival")) && ((Number) fields.get("tensors")).intValue() == tensors
            && ((Number) fields.get("parameters")).longValue() == ((Number) parameters).longValue())
        .findFirst().map(fields -> number(fields, field)).orElse(NONE);
  }

  private static String number(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof Number number ? digits(number.doubleValue()) : NONE;
  }

  /** Three digits at least. */
  private static String digits(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  }

  private static String binary(Object number) {
    long value = ((Number) number).longValue();
    int thousands = Math.min(3, (63 - Long.numberOfLeadingZeros(value)) / 10);
    return (value >> 10 * thousands) + List.of("", " Ki", " Mi", " Gi").get(thousands);
  }

  private static String head(String... cells) {
    return row(cells) + "|" + "---|".repeat(cells.length) + "\n";
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
