package io.nlar.bench.report;

import io.nlar.Device;
import io.nlar.bench.contest.Entrant;
import io.nlar.bench.contest.RaceSpec;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.Race;
import io.nlar.bench.harness.RaceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs races on an opened device. */
public final class RaceRunner {
  private final Device device;
  private final RaceSettings settings;

  /** Races on {@code device}, all as long. */
  public RaceRunner(Device device, RaceSettings settings) {
    this.device = device;
    this.settings = settings;
  }

  /**
   * Opens everyone who can take part, runs the race and closes everything.
   *
   * @throws io.nlar.bench.harness.VerificationException if a result is wrong
   */
  public RaceReport run(RaceSpec spec, Race.Listener listener) {
    List<Entrant> entrants = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>();
    for (Entrant entrant : spec.entrants()) {
      Optional<String> reason = entrant.unavailable(spec.workload());
      reason.ifPresentOrElse(
          text -> skipped.add(new Skipped(entrant.name(), text)), () -> entrants.add(entrant));
    }
    List<Contestant> contestants = new ArrayList<>();
    try (Tensors tensors = new Tensors(device, spec.workload())) {
      try {
        for (Entrant entrant : entrants) {
          listener.at("opens " + entrant.name(), 0);
          contestants.add(entrant.open(tensors));
        }
        // What opening left behind is not to be collected while the clock runs.
        System.gc();
        return RaceReport.of(spec, entrants, new Race(settings).run(contestants, listener), skipped);
      } finally {
        contestants.reversed().forEach(Contestant::close);
      }
    }
  }
}
