package io.nlar.testkit;

import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.StepConfig;
import io.nlar.Storage;
import java.util.EnumMap;
import java.util.Map;

/** A parameter of a {@link ReferenceStep}. All arrays hold numbers of the type that is kept, and are live. */
public final class ReferenceTensor {
  private final TensorSpec spec;
  private final Storage storage;
  private final int group;
  private final double[] value;
  private final Map<Slot, double[]> state = new EnumMap<>(Slot.class);
  private double[] gradient;
  private boolean zeroGradient;
  private Written written;
  private double[] beside;

  ReferenceTensor(TensorSpec spec, Storage storage, int group, StepConfig config) {
    this.spec = spec;
    this.storage = storage;
    this.group = group;
    this.value = new double[spec.length()];
    this.gradient = new double[spec.length()];
    this.zeroGradient = spec.zeroGradient();
    write(spec.written(), new double[spec.written().beside() ? spec.length() : 0]);
    config.slots(storage.value()).forEach(slot -> state.put(slot, new double[(int) slot.length(spec.length())]));
  }

  /** Name and length. */
  public TensorSpec spec() {
    return spec;
  }

  /** T, the type of the arithmetic. */
  public DType type() {
    return storage.arithmetic();
  }

  /** How its elements are kept. */
  public Storage storage() {
    return storage;
  }

  /** The number of its group. */
  public int group() {
    return group;
  }

  /** θ. */
  public double[] value() {
    return value;
  }

  /** g; null where the parameter is to be left alone. */
  public double[] gradient() {
    return gradient;
  }

  /** The sums of squares of the gradient's blocks; +0 without one. */
  public double[] blockSums() {
    return ReferenceSum.ofBlocks(gradient == null ? new double[value.length] : gradient);
  }

  /** Whether a step sets the gradient to 0. */
  public boolean zeroGradient() {
    return zeroGradient;
  }

  /** Binds a gradient of the tensor's length, or none ({@code null}), and says whether it is to be zeroed. */
  public void bindGradient(double[] gradient, boolean zeroGradient) {
    if (gradient != null && gradient.length != value.length) {
      throw new IllegalArgumentException(
          "a gradient of " + gradient.length + " elements for '" + spec.name() + "' of " + value.length);
    }
    this.gradient = gradient;
    this.zeroGradient = zeroGradient;
  }

  /** What a step writes. */
  public Written written() {
    return written;
  }

  /** Where the update is written instead of a new value; null for a value, and where there is no gradient to write over. */
  public double[] update() {
    return written.beside() ? beside : written.overGradient() ? gradient : null;
  }

  /**
   * Says what a step writes from now on.
   *
   * @param beside where it goes, if not over the gradient
   */
  public void write(Written written, double[] beside) {
    this.written = written;
    this.beside = beside;
  }

  /** A state tensor; null where the settings keep no such slot. */
  public double[] state(Slot slot) {
    return state.get(slot);
  }
}
