package io.nlar.cli;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.testkit.GoldenResult;
import io.nlar.testkit.GoldenRun;
import io.nlar.testkit.Quantity;
import io.nlar.testkit.Tolerances;
import io.nlar.testkit.Trace;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Runs golden traces on a device and shows the largest relative errors. */
final class GoldenCheck {
  private static final String ABSENT = "–";

  private final Device device;
  private final List<DType> types;
  private final List<Trace> traces;

  GoldenCheck(Device device, List<DType> types, List<Trace> traces) {
    this.device = device;
    this.types = types;
    this.traces = traces;
  }

  /** Prints a row for each trace, the largest errors and the tolerances; returns whether all passed. */
  boolean run(PrintWriter out) {
    Terminal terminal = Terminal.output();
    TextTable table = new TextTable(headings());
    Map<DType, Map<Quantity, Double>> largest = new EnumMap<>(DType.class);
    List<String> failures = new ArrayList<>();
    int passed = 0;
    try (Progress progress = Progress.start("golden traces on " + device.info().selector(), traces.size())) {
      for (Trace trace : traces) {
        progress.at(trace.name());
        List<Object> row = new ArrayList<>(List.of(trace.name()));
        boolean pass = true;
        for (DType type : types) {
          Map<Quantity, Double> errors = new EnumMap<>(Quantity.class);
          try {
            GoldenResult result = GoldenRun.run(device, type, trace);
            errors = result.errors();
            pass &= result.passed();
          } catch (RuntimeException failure) {
            pass = false;
            failures.add(trace.name() + ", " + DTypeConverter.name(type) + ": " + Main.message(failure));
          }
          errors.forEach((quantity, error) ->
              largest.computeIfAbsent(type, t -> new EnumMap<>(Quantity.class)).merge(quantity, error, Math::max));
          row.addAll(cells(errors));
        }
        row.add(pass ? terminal.good("pass") : terminal.bad("FAIL"));
        passed += pass ? 1 : 0;
        table.row(row.toArray());
        progress.step();
      }
    }
    table.row(summary("largest error", type -> largest.getOrDefault(type, Map.of())));
    table.row(summary("tolerance", GoldenCheck::tolerances));
    out.println("Largest relative errors against the recorded runs:");
    out.println(table);
    failures.forEach(out::println);
    out.println(passed + " of " + traces.size() + " traces pass");
    return passed == traces.size();
  }

  private String[] headings() {
    List<String> headings = new ArrayList<>(List.of("TRACE"));
    for (DType type : types) {
      String name = DTypeConverter.name(type);
      headings.addAll(List.of(">" + name + " θ", ">rate", ">velocity"));
    }
    headings.add("RESULT");
    return headings.toArray(String[]::new);
  }

  private Object[] summary(String label, Function<DType, Map<Quantity, Double>> errors) {
    List<Object> row = new ArrayList<>(List.of(label));
    types.forEach(type -> row.addAll(cells(errors.apply(type))));
    row.add("");
    return row.toArray();
  }

  private static Map<Quantity, Double> tolerances(DType type) {
    Map<Quantity, Double> tolerances = new EnumMap<>(Quantity.class);
    for (Quantity quantity : Quantity.values()) {
      tolerances.put(quantity, Tolerances.of(type, quantity));
    }
    return tolerances;
  }

  private static List<String> cells(Map<Quantity, Double> errors) {
    List<String> cells = new ArrayList<>();
    for (Quantity quantity : Quantity.values()) {
      Double error = errors.get(quantity);
      cells.add(error == null ? ABSENT : String.format(Locale.ROOT, "%.1e", error));
    }
    return cells;
  }
}
