package io.nlar.bench.command;

import io.nlar.DType;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.MemoryCheck;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.cli.CommandFailedException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The races of a benchmark, once it is clear that they fit into memory.
 *
 * @param races those that are run, in this order
 * @param leftOut sizes and entrants for which memory does not suffice, with the arithmetic
 */
record BenchPlan(List<RaceSpec> races, List<String> leftOut) {

  /**
   * Makes a plan. A size that was asked for must fit, if without some of the entrants; one of the programme's own may be
   * left out.
   *
   * @param sizes what was asked for; empty: the programme's own
   * @param types what was asked for; empty: the programme's own
   * @throws CommandFailedException if a size that was asked for does not fit, or nothing is left
   */
  static BenchPlan of(Programme programme, List<DeviceInfo> devices, List<Long> sizes, List<DType> types) {
    List<RaceSpec> races = new ArrayList<>();
    Set<String> leftOut = new LinkedHashSet<>();
    Set<String> refused = new LinkedHashSet<>();
    MemoryCheck check = new MemoryCheck();
    for (RaceSpec race : programme.races(devices, types.isEmpty() ? programme.types() : types,
        sizes.isEmpty() ? programme.sizes() : sizes)) {
      MemoryCheck.Fit fit = check.fit(race);
      if (fit.race() == null) {
        refused.add(fit.leftOut().orElseThrow());
      } else {
        races.add(fit.race());
        fit.leftOut().ifPresent(leftOut::add);
      }
    }
    if (!refused.isEmpty() && !sizes.isEmpty()) {
      throw new CommandFailedException(String.join(System.lineSeparator(), refused));
    }
    leftOut.addAll(refused);
    if (races.isEmpty()) {
      throw new CommandFailedException("there is nothing to time: " + (refused.isEmpty()
          ? "no chosen device knows the chosen element types"
          : String.join(System.lineSeparator(), refused)));
    }
    return new BenchPlan(List.copyOf(races), List.copyOf(leftOut));
  }
}
