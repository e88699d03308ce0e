package io.nlar.bench.report;

import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.DeviceInfo;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.Outcome;
import io.nlar.bench.harness.Race;
import io.nlar.bench.harness.RaceSettings;
import io.nlar.bench.harness.Samples;
import io.nlar.bench.harness.Starter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs races, on devices that are opened at their first and stay open until this is closed. */
public final class RaceRunner implements AutoCloseable {
  private final Map<DeviceInfo, Device> devices = new LinkedHashMap<>();

  /**
   * Opens everyone who can take part, runs the race and closes everything but the devices. Optional entrants that fail are
   * listed as skipped, with the reason.
   *
   * @param settings how long; the budget includes the opening
   * @throws io.nlar.bench.harness.VerificationException if a result is wrong
   */
  public RaceReport run(RaceSpec spec, RaceSettings settings, Race.Listener listener) {
    long start = System.nanoTime();
    List<Skipped> skipped = new ArrayList<>();
    try (Opened opened = new Opened()) {
      List<Starter> starters = open(spec, skipped, opened, listener);
      // What opening left behind is not to be collected while the clock runs.
      System.gc();
      // However long the opening took, half of the budget is for the race: a warm-up of no length would time the compiler.
      long left = settings.budget().toNanos() - (System.nanoTime() - start);
      RaceSettings rest = settings.withBudget(
          Duration.ofNanos(Math.max(left, Math.ceilDiv(settings.budget().toNanos(), 2))));
      Outcome outcome = new Race(rest).run(starters, samples -> report(spec, samples).wideRatios() == 0, listener);
      outcome.withdrawn().forEach((name, reason) -> skipped.add(new Skipped(name, reason)));
      return RaceReport.of(spec, outcome, skipped, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private static RaceReport report(RaceSpec spec, List<Samples> samples) {
    return RaceReport.of(spec, new Outcome(samples, Map.of(), 0), List.of(), Duration.ZERO);
  }

  private List<Starter> open(
      RaceSpec spec, List<Skipped> skipped, Opened opened, Race.Listener listener) {
    Map<Workload, Tensors> tensors = new LinkedHashMap<>();
    List<Starter> starters = new ArrayList<>();
    for (Entrant entrant : spec.entrants()) {
      Workload workload = entrant.workload(spec.workload());
      Optional<String> reason = entrant.unavailable(workload);
      if (reason.isPresent()) {
        skipped.add(new Skipped(entrant.name(), reason.get()));
        continue;
      }
      listener.at("opens " + entrant.name(), 0);
      Tensors own = tensors.computeIfAbsent(workload, w -> {
        Tensors created = new Tensors(device(w.device()), w);
        opened.push(created);
        return created;
      });
      try {
        Contestant contestant = entrant.open(own);
        opened.push(contestant);
        starters.add(new Starter(entrant.name(), contestant, entrant.optional(), entrant.rest()));
      } catch (RuntimeException failure) {
        if (!entrant.optional()) {
          throw failure;
        }
        skipped.add(new Skipped(entrant.name(), Race.reason(failure)));
      }
    }
    return starters;
  }

  private Device device(DeviceInfo info) {
    return devices.computeIfAbsent(info, i -> Backends.open(i.selector()));
  }

  /** What is to be closed, the last first; what fails to close does not keep others open. */
  private static final class Opened implements AutoCloseable {
    private final Deque<AutoCloseable> all = new ArrayDeque<>();

    void push(AutoCloseable one) {
      all.push(one);
    }

    @Override
    public void close() {
      RuntimeException first = null;
      for (AutoCloseable one : all) {
        try {
          one.close();
        } catch (Exception failure) {
          first = first != null ? first : failure instanceof RuntimeException r ? r : new IllegalStateException(failure);
        }
      }
      if (first != null) {
        throw first;
      }
    }
  }

  @Override
  public void close() {
    try (Opened opened = new Opened()) {
      devices.values().forEach(opened::push);
    }
  }
}
