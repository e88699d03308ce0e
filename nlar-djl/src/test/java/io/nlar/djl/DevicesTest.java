package io.nlar.djl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import io.nlar.Backends;
import io.nlar.Device;
import io.nlar.NlarException;
import io.nlar.ParameterException;
import io.nlar.StepConfig;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which device runs the step, and on which of DJL's devices tensors may be. */
class DevicesTest {
  /** A tensor that says it is elsewhere. */
  private static NDArray on(ai.djl.Device device, NDArray array) {
    return (NDArray) Proxy.newProxyInstance(DevicesTest.class.getClassLoader(), new Class<?>[] {NDArray.class},
        (proxy, method, arguments) -> method.getName().equals("getDevice") ? device : method.invoke(array, arguments));
  }

  @Test
  void tensorsOnSeveralDevicesAreRefusedBeforeAnyStep() {
    try (Model model = Models.initialised(1, DataType.FLOAT32); Device device = Backends.open("cpu")) {
      List<Parameter> parameters = Models.parameters(model);
      List<NamedArray> arrays = List.of(new NamedArray("here", parameters.get(0).getArray()),
          new NamedArray("there", on(ai.djl.Device.gpu(1), parameters.get(1).getArray())));
      var failure = assertThrows(ParameterException.class, () -> new ModelStep(device, StepConfig.nlarcm(), arrays));
      assertTrue(failure.getMessage().contains("'there' on gpu(1)"), failure.getMessage());
      assertTrue(failure.getMessage().contains("optDevices"), failure.getMessage());
    }
  }

  /** A trainer on a GPU works on copies of a model that is on the CPU, and hands these over. */
  @Test
  void aMirrorOnAnotherDeviceIsNamedAsSuch() {
    try (Model model = Models.initialised(2, DataType.FLOAT32);
        NlarOptimizer optimizer = NlarOptimizer.builder().optBlock(model.getBlock()).build()) {
      Models.backward(model, new Random(2), DataType.FLOAT32);
      List<Object> before = Models.values(model);
      Parameter first = Models.parameters(model).getFirst();
      NDArray mirror = on(ai.djl.Device.gpu(), first.getArray());
      var failure = assertThrows(ParameterException.class, () -> optimizer.update(first.getId(), mirror, null));
      assertTrue(failure.getMessage().contains("gpu(0)"), failure.getMessage());
      assertTrue(failure.getMessage().contains("Model.newInstance(name, device)"), failure.getMessage());
      for (int i = 0; i < before.size(); i++) {
        assertArrayEquals(Models.bits(before.get(i)), Models.bits(Models.values(model).get(i)), "no step was done");
      }
    }
  }

  private static void step(NlarOptimizer optimizer, Model model) {
    Models.backward(model, new Random(3), DataType.FLOAT32);
    Models.update(optimizer, Models.parameters(model));
  }

  @Test
  void theBackendIsTheBuildersElseTheProperty() {
    System.setProperty(Backends.PROPERTY, "nothere");
    try (Model model = Models.initialised(3, DataType.FLOAT32);
        NlarOptimizer chosen = NlarOptimizer.builder().optBackend("cpu").build();
        NlarOptimizer byProperty = NlarOptimizer.builder().build()) {
      step(chosen, model);
      assertEquals("cpu", chosen.step().device().info().backend());
      var failure = assertThrows(NlarException.class, () -> step(byProperty, model));
      assertTrue(failure.getMessage().contains("nothere"), failure.getMessage());
    } finally {
      System.clearProperty(Backends.PROPERTY);
    }
  }

  @Test
  void anEmptyPropertyOrVariableChoosesNothing() {
    assertFalse(NlarOptimizer.chosen(null));
    assertFalse(NlarOptimizer.chosen(" "));
    assertTrue(NlarOptimizer.chosen("cpu"));
  }
}
