package io.nlar.testkit;

import io.nlar.DType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a device computed on a trace.
 *
 * @param trace the trace
 * @param type the element type of the run
 * @param computed the model at each of the trace's {@linkplain Trace#reportedSteps reported steps}
 */
public record GoldenResult(Trace trace, DType type, List<Snapshot> computed) {
  public GoldenResult {
    computed = List.copyOf(computed);
  }

  /**
   * The largest relative error of each quantity over all recorded steps; a quantity that was not recorded, or that the
   * settings do not keep, is absent. Infinite where anything is not finite.
   */
  public Map<Quantity, Double> errors() {
    Map<Quantity, Double> errors = new EnumMap<>(Quantity.class);
    for (int i = 0; i < trace.expected().size(); i++) {
      for (Quantity quantity : Quantity.values()) {
        double[] expected = trace.expected().get(i).get(quantity);
        double[] actual = computed.get(i).get(quantity);
        if (expected != null && actual != null) {
          errors.merge(quantity, largestError(expected, actual), Math::max);
        }
      }
    }
    return errors;
  }

  /** Whether every quantity is within {@link Tolerances}. */
  public boolean passed() {
    return errors().entrySet().stream().allMatch(e -> e.getValue() <= Tolerances.of(type, e.getKey()));
  }

  private static double largestError(double[] expected, double[] actual) {
    double floor = 0;
    for (double e : expected) {
      floor = Math.max(floor, Math.abs(e) * Tolerances.FLOOR);
    }
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs(actual[i] - expected[i]);
      double error = difference == 0 ? 0 : difference / Math.max(Math.abs(expected[i]), floor);
      largest = Math.max(largest, Double.isFinite(error) ? error : Double.POSITIVE_INFINITY);
    }
    return largest;
  }
}
