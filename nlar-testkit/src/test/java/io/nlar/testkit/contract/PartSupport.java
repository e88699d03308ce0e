package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.Control;
import io.nlar.ParameterException;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.TensorSpec;

/** Comparison of workers with the step that has everything. */
interface PartSupport extends ContractSupport {

  /**
   * Fails where workers together have not what the undivided step has, or one of them another norm or counter. What they learn from
   * whole tensors they have learned before.
   */
  default void assertSameBits(String where, DeviceModel whole, Workers parts) {
    assertSameState(where, whole, parts);
    assertSameUpdate(where, whole, parts);
  }

  /** The same, but for what is kept of parameters whose workers have still to learn from their update. */
  default void assertSameUpdate(String where, DeviceModel whole, Workers parts) {
    assertSameElements(where, whole, parts);
    for (TensorSpec tensor : parts.tensors()) {
      String name = tensor.name();
      assertSameBits(where + ": gradient " + name, HostValues.read(whole.gradient(name)),
          parts.gather(name, model -> model.gradient(name)));
      if (whole.update(name) != null) {
        assertSameBits(where + ": update " + name, HostValues.read(whole.update(name)),
            parts.gather(name, model -> model.update(name)));
      }
    }
    for (DeviceModel model : parts.models()) {
      assertSameBits(where + ": sums", HostValues.read(whole.step().sumsOfSquares()), HostValues.read(model.step().sumsOfSquares()));
      assertSameBits(where + ": control", HostValues.read(whole.step().control()), HostValues.read(model.step().control()));
    }
  }

  /** Fails where values, state or the counter of applied steps differ. */
  default void assertSameState(String where, DeviceModel whole, Workers parts) {
    assertSameElements(where, whole, parts);
    for (TensorSpec tensor : parts.tensors()) {
      for (Slot slot : Slot.values()) {
        double[] expected = slot.perParameter() ? kept(whole.step(), tensor.name(), slot) : null;
        if (expected != null) {
          assertSameBits(where + ": " + slot + " of " + tensor.name(), expected, parts.ofParameter(tensor.name(), slot));
        }
      }
    }
  }

  private void assertSameElements(String where, DeviceModel whole, Workers parts) {
    for (TensorSpec tensor : parts.tensors()) {
      String name = tensor.name();
      assertSameBits(where + ": value " + name, HostValues.read(whole.value(name)), parts.gather(name, model -> model.value(name)));
      for (Slot slot : Slot.values()) {
        double[] expected = slot.perParameter() ? null : kept(whole.step(), name, slot);
        if (expected != null) {
          assertSameBits(where + ": " + slot + " of " + name, expected, parts.gather(name, model -> model.step().state(name, slot)));
        }
      }
    }
    for (DeviceModel model : parts.models()) {
      assertEquals(control(whole.step(), Control.APPLIED), control(model.step(), Control.APPLIED), where);
    }
  }

  private static double[] kept(Step step, String name, Slot slot) {
    try {
      return HostValues.read(step.state(name, slot));
    } catch (ParameterException keepsNone) {
      return null;
    }
  }
}
