package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.AdamW;
import io.nlar.ArrayStep;
import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.CallOrderException;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.DeviceMemoryException;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Restore;
import io.nlar.SettingException;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Parameters that do not fit, each refused before anything has changed. */
public interface ErrorContract extends ContractSupport {

  private void refused(List<Parameter> parameters, String... words) {
    List<ParameterGroup> groups = List.of(new ParameterGroup(StepConfig.nlarsm(), parameters));
    assertRefused(ParameterException.class, () -> device().compile(groups), words);
  }

  @Test
  default void stepsWithoutGroupsOrParametersAreRefused() {
    assertRefused(ParameterException.class, () -> device().compile(List.of()), "at least one");
    refused(List.of(), "group 0 is empty");
  }

  @Test
  default void namesMustBeUniqueOverAllGroups() {
    Parameter first = new Parameter("w", buffer(anyType(), 1), buffer(anyType(), 1));
    Parameter second = new Parameter("w", buffer(anyType(), 1), buffer(anyType(), 1));
    refused(List.of(first, second), "'w'");
    assertRefused(ParameterException.class, () -> device().compile(List.of(
        new ParameterGroup(StepConfig.nlarsm(), List.of(first)),
        new ParameterGroup(StepConfig.nlarcm(), List.of(second)))), "'w'");
    refused(List.of(new Parameter("", buffer(anyType(), 1), null)), "empty name");
  }

  @Test
  default void lengthsMustAgree() {
    refused(List.of(new Parameter("w", buffer(anyType(), 1, 2), buffer(anyType(), 1, 2, 3))), "'w'", "2", "3");
  }

  @Test
  default void typesMustAgree() {
    assumeTwoTypes();
    refused(List.of(new Parameter("w", buffer(DType.FLOAT32, 1), buffer(DType.FLOAT64, 1))), "'w'", "FLOAT64");
    refused(List.of(new Parameter("v", buffer(DType.FLOAT32, 1), null), new Parameter("w", buffer(DType.FLOAT64, 1),
        null)), "'w'", "group of their own");
  }

  @Test
  default void buffersOfAnotherDeviceAreRefused() {
    try (Device stranger = openAnother(); Device reference = new ReferenceDevice()) {
      for (Device foreign : List.of(stranger, reference)) {
        DType type = foreign.info().types().contains(anyType()) ? anyType() : DType.FLOAT32;
        List<ParameterGroup> groups = List.of(new ParameterGroup(StepConfig.nlarsm(),
            List.of(new Parameter("w", buffer(anyType(), 1), foreign.allocate(type, 1)))));
        assertRefused(BufferException.class, () -> device().compile(groups), "gradient", "'w'",
            foreign.info().selector());
      }
    }
  }

  @Test
  default void memoryThatIsWrittenMayNotBeUsedTwice() {
    Buffer block = buffer(anyType(), 0, 1, 2, 3, 4, 5, 6, 7);
    Buffer own = buffer(anyType(), 1, 1, 1, 1);
    refused(List.of(new Parameter("w", block, block)), "'w'", "share memory");
    refused(List.of(new Parameter("w", block.slice(0, 4), block.slice(3, 4))), "share memory");
    refused(List.of(new Parameter("v", block.slice(0, 4), own), new Parameter("w", block.slice(1, 4), null)),
        "'v'", "'w'");
    refused(List.of(new Parameter("v", block.slice(0, 4), own, true),
        new Parameter("w", block.slice(4, 4), own, false)), "'v'", "'w'");
    // Neighbours do not overlap, and a gradient that is only read may serve twice.
    Parameter left = new Parameter("v", block.slice(0, 4), own);
    Parameter right = new Parameter("w", block.slice(4, 4), own);
    Parameter empty = new Parameter("empty", block.slice(2, 0), block.slice(2, 0));
    try (Step step = device().compile(List.of(
        new ParameterGroup(StepConfig.nlarsm(), List.of(left, right, empty))))) {
      step.run(1, 1);
      assertEquals(1, step.stats().applied());
    }
    assertNotEquals(0, HostValues.read(block)[0]);
  }

  @Test
  default void wrappedMemoryIsFoundToOverlapToo() {
    assumeHeapMemory();
    var array = HostValues.segment(anyType(), new double[8]);
    Buffer first = device().wrap(anyType(), array);
    Buffer second = device().wrap(anyType(), array.asSlice(anyType().bytes()));
    refused(List.of(new Parameter("v", first, null), new Parameter("w", second, null)), "share memory");
  }

  /** 0 in the element type would divide 0 by 0 where no gradient ever came. */
  @Test
  default void anEpsilonThatItsTypeRoundsToZeroIsRefused() {
    Assumptions.assumeTrue(types().contains(DType.FLOAT32), "the device does not know FLOAT32");
    Parameter parameter = new Parameter("w", buffer(DType.FLOAT32, 1, 2), buffer(DType.FLOAT32, 1, 2));
    StepConfig config = StepConfig.adamw();
    StepConfig tiny = config.withRule(((AdamW) config.rule()).withEpsilon(1e-60));
    assertRefused(SettingException.class, () -> device().compile(List.of(new ParameterGroup(tiny, List.of(parameter)))),
        "group 0", "epsilon", "1.0E-60", "becomes 0.0", "FLOAT32");
    try (Step step = device().compile(List.of(new ParameterGroup(config, List.of(parameter))))) {
      assertRefused(SettingException.class, () -> step.reconfigure(0, tiny), "epsilon", "becomes 0.0");
      assertEquals(config, step.config(0));
    }
  }

  @Test
  default void unknownTicketsAreRefused() {
    try (Step step = device().compile(List.of(new ParameterGroup(StepConfig.nlarsm(),
        List.of(new Parameter("w", buffer(anyType(), 1), buffer(anyType(), 1))))))) {
      assertRefused(CallOrderException.class, () -> step.await(1), "1");
      assertEquals(1, step.run());
      assertEquals(2, step.run(1, 1));
      step.await(1);
      step.await(2);
      assertRefused(CallOrderException.class, () -> step.await(3), "3", "2");
      assertRefused(CallOrderException.class, () -> step.await(0), "0");
      assertRefused(CallOrderException.class, () -> step.await(-1), "-1");
    }
  }

  @Test
  default void theStepKnowsItsParametersDeviceAndSettings() {
    try (Step step = device().compile(List.of(
        new ParameterGroup(StepConfig.nlarsm(), List.of(new Parameter("b", buffer(anyType(), 1), null),
            new Parameter("a", buffer(anyType(), 1), null))),
        new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("c", buffer(anyType(), 1), null)))))) {
      assertEquals(List.of("b", "a", "c"), step.parameters());
      assertEquals(device(), step.device());
      assertEquals(StepConfig.nlarcm(), step.config(1));
      assertRefused(ParameterException.class, () -> step.config(2), "2");
      assertRefused(ParameterException.class, () -> step.config(-1), "-1");
    }
  }

  @Test
  default void moreMemoryThanThereIsIsRefusedWithItsSize() {
    for (long tooMuch : new long[] {1L << 52, Long.MAX_VALUE}) {
      DeviceMemoryException refused =
          assertRefused(DeviceMemoryException.class, () -> device().allocate(anyType(), tooMuch));
      assertTrue(refused.getMessage().chars().filter(Character::isDigit).count() > 5, refused::getMessage);
    }
    assertSameBits("the device still works", new double[] {1, 2}, HostValues.read(buffer(anyType(), 1, 2)));
  }

  @Test
  default void emptyTensorsAreLegal() {
    try (Step step = device().compile(List.of(new ParameterGroup(StepConfig.nlarcm(), List.of(
        new Parameter("none", buffer(anyType()), buffer(anyType()), true),
        new Parameter("bare", buffer(anyType()), null)))))) {
      step.run(1, 1);
      assertEquals(1, step.stats().applied());
      assertEquals(0, step.stats().norm());
      assertEquals(0, step.stats().rates().count());
    }
  }

  @Test
  default void unknownTypesAreExplained() {
    for (DType type : DType.values()) {
      if (!device().info().types().contains(type)) {
        assertRefused(BufferException.class, () -> device().allocate(type, 1), type.toString());
      }
    }
    assertTrue(Arrays.asList(DType.values()).containsAll(device().info().types()));
  }

  @Test
  default void argumentsThatAreNullNameThemselves() {
    StepConfig config = StepConfig.nlarcm();
    named("config", () -> ArrayStep.builder(null));
    named("gradient", () -> ArrayStep.builder(config).add("w", new float[1], null));
    named("value", () -> ArrayStep.builder(config).add("w", null, new double[1]));
    named("name", () -> ArrayStep.builder(config).add(null, new float[1], new float[1]));
    named("type", () -> device().allocate(null, 1));
    named("host", () -> device().wrap(anyType(), null));
    named("groups", () -> device().compile(null));
    try (Buffer value = buffer(anyType(), 1);
        Step step = device().compile(List.of(new ParameterGroup(config, List.of(new Parameter("w", value, null)))))) {
      named("parameters", () -> step.rebind(null));
      named("config", () -> step.reconfigure(0, null));
      named("host", () -> step.learningRates("w", null));
      named("file", () -> step.save((Path) null));
      named("channel", () -> step.save((WritableByteChannel) null));
      named("file", () -> step.restore((Path) null, Restore.STRICT));
      named("channel", () -> step.restore((ReadableByteChannel) null, Restore.STRICT));
      named("mode", () -> step.restore(Path.of("state"), null));
      step.run(1, 1);
    }
  }

  private static void named(String name, Executable call) {
    assertEquals(name, assertThrows(NullPointerException.class, call).getMessage());
  }
}
