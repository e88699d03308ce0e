package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.nlar.Buffer;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.NlarException;
import io.nlar.Step;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.BitDifference;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.function.Executable;

/** What the topics of the contract suite share. {@link DeviceContract} implements the first three methods, {@link SharedDevice} two of them. */
public interface ContractSupport {

  /** The device under test, shared by all tests of a class. */
  Device device();

  /** Another opened device of the same kind, for a test that closes it. */
  Device openAnother();

  /** A device of another backend, to carry state to and from; the test closes it. */
  Optional<Device> openOther();

  /** The element types of the device that a step computes in; narrower ones have tests of their own. */
  default List<DType> types() {
    return DType.arithmetics().stream().filter(device().info().types()::contains).toList();
  }

  /** The type for tests in which it does not matter. */
  default DType anyType() {
    return types().getFirst();
  }

  /** Skips the test on a device whose information says that it does not work on native memory. */
  default void assumeNativeMemory() {
    Assumptions.assumeTrue(device().info().nativeMemory(), "the device does not work on native memory");
  }

  /** Skips the test on a device whose information says that it does not work on Java arrays. */
  default void assumeHeapMemory() {
    Assumptions.assumeTrue(device().info().heapMemory(), "the device does not work on Java arrays");
  }

  /** Skips the test on a device that knows only one element type. */
  default void assumeTwoTypes() {
    Assumptions.assumeTrue(types().size() > 1, "the device knows only " + anyType());
  }

  /** A buffer on the shared device with these elements. */
  default Buffer buffer(DType type, double... values) {
    Buffer buffer = device().allocate(type, values.length);
    HostValues.write(buffer, values);
    return buffer;
  }

  /** {@code length} ordinary numbers of a type, always the same for a seed. */
  default double[] numbers(DType type, int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] numbers = new double[length];
    Arrays.setAll(numbers, i -> type.round(random.nextGaussian() * 0.1));
    return numbers;
  }

  /** Fills the reference's values and the device's with the same ordinary numbers. */
  default void startEqually(ReferenceStep reference, DeviceModel model, long seed) {
    for (ReferenceTensor tensor : reference.tensors()) {
      double[] values = numbers(tensor.storage().value(), tensor.value().length, seed + 31 * tensor.spec().name().hashCode());
      System.arraycopy(values, 0, tensor.value(), 0, values.length);
    }
    reference.takeValues();
    model.setValues(reference);
  }

  /** Gives both the same ordinary gradients. */
  default void feedEqually(ReferenceStep reference, DeviceModel model, long seed) {
    for (ReferenceTensor tensor : reference.tensors()) {
      if (tensor.gradient() != null) {
        double[] numbers = numbers(tensor.storage().gradient(), tensor.value().length, ~seed + 17 * tensor.spec().name().hashCode());
        System.arraycopy(numbers, 0, tensor.gradient(), 0, numbers.length);
      }
    }
    model.setGradients(reference);
  }

  /** Fails with the first difference between reference and device. */
  default void assertSameBits(String where, int step, ReferenceStep reference, DeviceModel model) {
    BitComparison.difference(where, step, reference, model).map(BitDifference::toString).ifPresent(text -> fail(text));
  }

  /** Fails where two arrays differ in a bit. */
  default void assertSameBits(String what, double[] expected, double[] actual) {
    assertTrue(expected.length == actual.length, () -> what + ": " + actual.length + " elements");
    for (int i = 0; i < expected.length; i++) {
      int at = i;
      assertTrue(BitComparison.same(expected[i], actual[i]), () -> what + "[" + at + "]: expected "
          + Double.toHexString(expected[at]) + ", actual " + Double.toHexString(actual[at]));
    }
  }

  /** An element of a step's control block. */
  default double control(Step step, Control element) {
    return HostValues.read(step.control())[element.ordinal()];
  }

  /** Sets an element of a step's control block, as a loss-scaling loop on the device would. */
  default void setControl(Step step, Control element, double value) {
    HostValues.write(step.control().slice(element.ordinal(), 1), value);
  }

  /** Expects an exception whose message holds all these words: what was given, and what is wrong with it. */
  default <X extends NlarException> X assertRefused(Class<X> kind, Executable action, String... words) {
    X refused = assertThrows(kind, action);
    for (String word : words) {
      assertTrue(refused.getMessage().contains(word),
          () -> "the message should say '" + word + "': " + refused.getMessage());
    }
    return refused;
  }
}
