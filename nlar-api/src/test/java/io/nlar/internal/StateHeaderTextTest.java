package io.nlar.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.nlar.DType;
import io.nlar.StateFileException;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StateHeaderTextTest {

  private static StepPlan plan(String... names) {
    List<TensorPlan> tensors = new ArrayList<>();
    for (String name : names) {
      tensors.add(new TensorPlan(tensors.size(), name, 0, 5));
    }
    return new StepPlan(List.of(new GroupPlan(StepConfig.nlarcm(), DType.FLOAT32)), tensors);
  }

  private static byte[] text(StepPlan plan) throws IOException {
    StateHeaderText text = new StateHeaderText(plan, 3, 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    text.writeTo(out);
    assertEquals(text.length(), out.size());
    return out.toByteArray();
  }

  @Test
  void namesOfEveryKindAreReadBack() throws IOException {
    String[] names = {"a", "a/rate", "\"\\", "\\\\\"", "tab\tand\u0001\u001f\n\r\b\f", "\u007f\u00fc\u20ac\ud83d\ude00",
        "{\"a\":[1]}", "0".repeat(64), " ", "/"};
    StepPlan plan = plan(names);
    byte[] text = text(plan);
    assertEquals(0, text.length % 8);
    StateHeader header = StateHeader.read(new ByteArrayInputStream(text), byName(plan));
    assertEquals(3, header.applied());
    assertEquals(5 * Float.BYTES * 3L * names.length, header.dataBytes());
    for (TensorPlan tensor : plan.tensors()) {
      assertEquals(ConfigMap.of(StepConfig.nlarcm()), header.parameter(tensor).settings());
    }
    assertEquals(0, header.unknownTensors().count() + header.unknownParameters().count());
    Map<String, Object> json = JSON.std.mapFrom(new String(text, StandardCharsets.UTF_8));
    Object groups = ((Map<?, ?>) json.get(StateFormat.METADATA)).get(StateFormat.GROUPS);
    assertEquals(List.of(names), ((Map<?, ?>) JSON.std.listFrom((String) groups).getFirst()).get("parameters"));
  }

  @Test
  void theLongestNameIsReadBack() throws IOException {
    StepPlan plan = plan("x".repeat(StateFormat.LONGEST_NAME), "\u0001".repeat(StateFormat.LONGEST_NAME));
    StateHeader header = StateHeader.read(new ByteArrayInputStream(text(plan)), byName(plan));
    assertEquals(5 * Float.BYTES * 6L, header.dataBytes());
    assertEquals(0, header.unknownTensors().count() + header.unknownParameters().count());
  }

  private static Map<String, TensorPlan> byName(StepPlan plan) {
    Map<String, TensorPlan> known = new java.util.HashMap<>();
    plan.tensors().forEach(tensor -> known.put(tensor.name(), tensor));
    return known;
  }

  /** Such files could not be read back. */
  @Test
  void whatTheReaderRefusesIsNotWritten() {
    String[] long100 = new String[400];
    java.util.Arrays.fill(long100, "n".repeat(StateFormat.LONGEST_NAME));
    String message =
        assertThrows(StateFileException.class, () -> new StateHeaderText(plan(long100), 0, 0)).getMessage();
    assertTrue(message.contains("a header of 104") && message.contains("100000000"), message);
    for (double wrong : new double[] {-1, 0.5, 0x1p53 + 2, Double.NaN, Double.POSITIVE_INFINITY}) {
      for (boolean first : new boolean[] {true, false}) {
        message = assertThrows(StateFileException.class,
            () -> new StateHeaderText(plan("w"), first ? wrong : 0, first ? 0 : wrong)).getMessage();
        assertTrue(message.contains(wrong + (first ? " applied" : " skipped")) && message.contains("0 to 2^53"), message);
      }
    }
  }
}
