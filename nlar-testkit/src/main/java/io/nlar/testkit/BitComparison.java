package io.nlar.testkit;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Estimator;
import io.nlar.Slot;
import io.nlar.Step;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/** Compares a device with the reference step on random input, bit by bit; a NaN equals any NaN. */
public final class BitComparison {
  private static final double[] GRADIENT_SCALES = {1, 0.5, 1.0 / 3, 128, 1e-3};
  private static final double[] RATE_FACTORS = {1, 0.9, 1.0 / 7, 3, 0};

  private BitComparison() {}

  /**
   * Runs a case on a device and on the reference; compares values, state, gradients, sums and the control block after
   * every step. A layout that the device does not {@linkplain Layout#supportedBy support} becomes
   * {@link Layout#SLICED}.
   *
   * @return the first difference; empty where all bits agree
   */
  public static Optional<BitDifference> run(Device device, BitCase run) {
    Layout layout = run.layout().supportedBy(device.info()) ? run.layout() : Layout.SLICED;
    try (DeviceModel model = new DeviceModel(device, run.groups(), layout)) {
      ReferenceStep reference = new ReferenceStep(run.groups());
      SplittableRandom random = new SplittableRandom(run.seed());
      start(run, random, reference, model);
      for (int number = 1; number <= run.steps(); number++) {
        for (ReferenceTensor tensor : reference.tensors()) {
          double sigma = run.groups().get(tensor.group()).config().rule() instanceof Estimator e ? e.noiseScale() : 0;
          fill(tensor.gradient(), run.inputs(), random, tensor.storage().gradient(), sigma);
        }
        model.setGradients(reference);
        double scale = pick(GRADIENT_SCALES, number);
        double factor = pick(RATE_FACTORS, number);
        // An infinite g·s under soft scaling and 0 times an infinite b/(N·N) are NaNs whose sign Nlarsm would look at.
        if (run.inputs() == Inputs.HUGE || run.inputs() == Inputs.TINY) {
          scale = 1;
          factor = 1;
        }
        reference.run(scale, factor);
        model.step().run(scale, factor);
        Optional<BitDifference> difference = difference(run.name(), number, reference, model);
        if (difference.isPresent()) {
          return difference;
        }
      }
      return Optional.empty();
    }
  }

  private static double pick(double[] from, int number) {
    return from[(number - 1) % from.length];
  }

  private static void start(BitCase run, SplittableRandom random, ReferenceStep reference, DeviceModel model) {
    for (ReferenceTensor tensor : reference.tensors()) {
      Inputs inputs = run.inputs() == Inputs.HUGE || random.nextInt(3) > 0 ? Inputs.ORDINARY : Inputs.SPECIAL;
      fill(tensor.value(), inputs, random, tensor.storage().value(), 1);
      ReferenceStorage.takeValue(tensor);
      if (run.randomState()) {
        fillMaster(tensor, random);
        for (Slot slot : Slot.values()) {
          if (slot.perParameter() && tensor.state(slot) != null) {
            tensor.state(slot)[0] = slot != Slot.LOG_RATE ? random.nextDouble() * 10
                : random.nextInt(8) == 0 ? Double.NEGATIVE_INFINITY : random.nextDouble() * 22 - 20;
          }
        }
        for (Slot slot : new Slot[] {Slot.VELOCITY, Slot.RATE, Slot.WEIGHT}) {
          if (tensor.state(slot) != null) {
            fill(tensor.state(slot), Inputs.SPECIAL, random, tensor.storage().type(slot), 1);
            if (slot == Slot.RATE) {
              keepModerate(tensor.state(slot));
            }
          }
        }
      }
    }
    model.setValues(reference);
    if (run.randomState()) {
      model.setState(reference);
    }
  }

  /** Any bits behind a value, and a master that the value is not a copy of. */
  private static void fillMaster(ReferenceTensor tensor, SplittableRandom random) {
    if (tensor.state(Slot.REMAINDER) != null) {
      Arrays.setAll(tensor.state(Slot.REMAINDER), i -> random.nextInt(0x10000));
    }
    if (tensor.state(Slot.MASTER) != null) {
      fill(tensor.state(Slot.MASTER), Inputs.ORDINARY, random, DType.FLOAT32, 1);
    }
  }

  /** A huge learning rate would soon make everything infinite and hide differences. */
  private static void keepModerate(double[] rates) {
    for (int i = 0; i < rates.length; i++) {
      if (Math.abs(rates[i]) > 4) {
        rates[i] = -0.0;
      }
    }
  }

  private static void fill(
      double[] array, Inputs inputs, SplittableRandom random, DType type, double sigma) {
    Arrays.setAll(array, i -> inputs.next(random, type, sigma));
  }

  /** The first difference between the reference and a device's model after {@code number} steps. */
  public static Optional<BitDifference> difference(
      String where, int number, ReferenceStep reference, DeviceModel model) {
    Step step = model.step();
    step.device().synchronize();
    for (ReferenceTensor tensor : reference.tensors()) {
      String name = tensor.spec().name();
      Optional<BitDifference> difference =
          compare(where, number, "theta", name, tensor.value(), HostValues.read(model.value(name)));
      for (Slot slot : Slot.values()) {
        double[] expected = tensor.state(slot);
        if (difference.isEmpty() && expected != null) {
          double[] actual = HostValues.read(step.state(name, slot));
          if (slot == Slot.REMAINDER) {
            forgetPayloads(tensor.value(), expected, actual);
          }
          difference = compare(where, number, slot.label(), name, expected, actual);
        }
      }
      if (difference.isEmpty() && tensor.zeroGradient() && tensor.gradient() != null) {
        difference =
            compare(where, number, "gradient", name, tensor.gradient(), HostValues.read(model.gradient(name)));
      }
      if (difference.isEmpty() && tensor.update() != null && model.update(name) != null) {
        difference = compare(where, number, "update", name, tensor.update(), HostValues.read(model.update(name)));
      }
      if (difference.isPresent()) {
        return difference;
      }
    }
    double[] control = HostValues.read(step.control());
    for (Control element : Control.values()) {
      int i = element.ordinal();
      if (!same(reference.control()[i], control[i])) {
        return Optional.of(
            new BitDifference(where, number, "control", element.name(), i, reference.control()[i], control[i], 1));
      }
    }
    return compare(where, number, "sum of squares", "", reference.sumsOfSquares(),
        HostValues.read(step.sumsOfSquares()));
  }

  /** The lower half of a NaN is part of its payload. */
  private static void forgetPayloads(double[] values, double[] expected, double[] actual) {
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        expected[i] = actual[i];
      }
    }
  }

  private static Optional<BitDifference> compare(
      String where, int number, String quantity, String parameter, double[] expected, double[] actual) {
    int first = -1;
    long differing = 0;
    for (int i = 0; i < expected.length; i++) {
      if (!same(expected[i], actual[i])) {
        first = first < 0 ? i : first;
        differing++;
      }
    }
    return first < 0
        ? Optional.empty()
        : Optional.of(new BitDifference(
            where, number, quantity, parameter, first, expected[first], actual[first], differing));
  }

  /** Whether two numbers have the same bits, or are both NaN. */
  public static boolean same(double a, double b) {
    // doubleToLongBits makes every NaN the same one.
    return Double.doubleToLongBits(a) == Double.doubleToLongBits(b);
  }
}
