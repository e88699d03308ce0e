package io.nlar.bench.harness;

import java.util.List;
import java.util.Map;

/**
 * How a {@link Race} went.
 *
 * @param samples of everyone who came through, in the order in which they were given
 * @param withdrawn optional contestants that failed, by name, with what they said
 * @param warmUpPasses how often each was warmed up
 */
public record Outcome(List<Samples> samples, Map<String, String> withdrawn, int warmUpPasses) {
  public Outcome {
    samples = List.copyOf(samples);
    withdrawn = Map.copyOf(withdrawn);
  }

  /** Turns that were timed. */
  public int rounds() {
    return samples.isEmpty() ? 0 : samples.getFirst().nanos().length;
  }
}
