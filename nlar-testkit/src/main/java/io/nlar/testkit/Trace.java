package io.nlar.testkit;

import io.nlar.DType;
import io.nlar.StepConfig;
import io.nlar.Storage;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A recorded run of an optimizer: settings, gradients, and what was computed at some steps.
 *
 * @param name the case
 * @param config the settings; the noise is {@link io.nlar.Noise.Frozen} where {@code frozenNoise} is given, else none;
 *     a momentum of 0 stands as the smallest there is, which keeps the velocity that was recorded
 * @param frozenNoise ε of every element, or null
 * @param storage how elements are kept; null: all of them in the type of the run
 * @param names the tensors' names
 * @param shapes the tensors' lengths; the flat arrays are their concatenation
 * @param theta0 start values
 * @param gradients raw gradients, one array a step
 * @param expected what was recorded, in order of steps; empty where the trace holds only inputs
 */
public record Trace(String name, StepConfig config, double[] frozenNoise, Storage storage, List<String> names,
    List<Integer> shapes, double[] theta0, List<double[]> gradients, List<Snapshot> expected) {
  public Trace {
    names = List.copyOf(names);
    shapes = List.copyOf(shapes);
    gradients = List.copyOf(gradients);
    expected = List.copyOf(expected);
  }

  /** Elements over all tensors. */
  public int length() {
    return theta0.length;
  }

  /** The steps to report: those that were recorded, or all where none were. */
  public List<Integer> reportedSteps() {
    return expected.isEmpty()
        ? IntStream.rangeClosed(1, gradients.size()).boxed().toList()
        : expected.stream().map(Snapshot::step).toList();
  }

  /** The names of {@code count} tensors where a trace gives none: {@code tensor0}, {@code tensor1}, … */
  static List<String> names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "tensor" + i).toList();
  }

  /** How elements are kept in a run of {@code type}. */
  public Storage storage(DType type) {
    return storage == null ? Storage.of(type) : storage;
  }

  /** The tensors. */
  public List<TensorSpec> tensors() {
    return IntStream.range(0, shapes.size()).mapToObj(i -> new TensorSpec(names.get(i), shapes.get(i))).toList();
  }

  @Override
  public String toString() {
    return name;
  }
}
