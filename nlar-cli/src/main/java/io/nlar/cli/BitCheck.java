package io.nlar.cli;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.RandomCases;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Compares a device with the scalar reference on random input, bit by bit. */
final class BitCheck {
  private static final int SHOWN = 10;

  private final Device device;
  private final List<DType> types;

  BitCheck(Device device, List<DType> types) {
    this.device = device;
    this.types = types;
  }

  /** Prints how many cases agree and the first that do not; returns whether all do. */
  boolean run(PrintWriter out) {
    List<BitCase> cases =
        RandomCases.of(device.info()).stream().filter(run -> types.containsAll(run.types())).toList();
    List<String> failures = new ArrayList<>();
    try (Progress progress = Progress.start("random input on " + device.info().selector(), cases.size())) {
      for (BitCase run : cases) {
        try {
          BitComparison.run(device, run).ifPresent(difference -> failures.add(difference.toString()));
        } catch (RuntimeException failure) {
          failures.add(run + ": " + Main.message(failure));
        }
        progress.step();
      }
    }
    String names = types.stream().map(DTypeConverter::name).collect(Collectors.joining(" and "));
    out.println("Bit equality with the scalar reference on random input, " + names + ": "
        + (cases.size() - failures.size()) + " of " + cases.size() + " cases agree in every bit");
    failures.stream().limit(SHOWN).forEach(failure -> out.println("  " + failure));
    if (failures.size() > SHOWN) {
      out.println("  and " + (failures.size() - SHOWN) + " more");
    }
    return failures.isEmpty();
  }
}
