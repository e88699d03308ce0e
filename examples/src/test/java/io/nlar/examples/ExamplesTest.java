package io.nlar.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** Every example is run, and has learnt something when it ends. */
class ExamplesTest {
  /** Of the points, 52 % lie in the ring. */
  private static final double LEARNT = 0.93;

  private interface Main {
    void run() throws Exception;
  }

  private static void assertLearns(Main main) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      main.run();
    } finally {
      System.setOut(before);
    }
    String text = printed.toString(StandardCharsets.UTF_8).strip();
    assertTrue(text.startsWith("accuracy "), text);
    assertTrue(Double.parseDouble(text.substring("accuracy ".length())) >= LEARNT, text);
  }

  @Test
  void plainJava() throws Exception {
    assertLearns(() -> PlainTrainer.main(new String[0]));
  }

  @Test
  void djl() throws Exception {
    assertLearns(() -> DjlTrainer.main(new String[0]));
  }

  @Test
  void tribuo() throws Exception {
    assertLearns(() -> TribuoTrainer.main(new String[0]));
  }

  @Test
  void kotlin() throws Exception {
    assertLearns(KotlinTrainerKt::main);
  }

  @Test
  void tensorFlow() throws Exception {
    assertLearns(() -> TensorFlowTrainer.main(new String[0]));
  }

  /** The step works where TensorFlow reads. */
  @Test
  void aTensorsAddressIsWhereItsElementsAre() {
    try (TFloat32 tensor = TFloat32.tensorOf(Shape.of(3)); Device device = Backends.open("cpu")) {
      tensor.setFloat(5, 1);
      long address = TensorFlowTrainer.address(tensor);
      assertEquals(5, MemorySegment.ofAddress(address).reinterpret(12).getAtIndex(ValueLayout.JAVA_FLOAT, 1));
      Buffer buffer = device.wrap(DType.FLOAT32, 3, address);
      buffer.copyFrom(MemorySegment.ofArray(new float[] {1, 2, 3}));
      assertEquals(3, tensor.getFloat(2));
    }
  }
}
