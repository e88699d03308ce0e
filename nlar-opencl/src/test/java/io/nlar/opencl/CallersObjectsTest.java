package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.BufferException;
import io.nlar.ClosedException;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.SettingException;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.testkit.HostValues;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_buffer_region;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_image_format;
import org.jocl.cl_mem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Steps on a caller's context, queue and memory objects. */
@SuppressWarnings("deprecation")
class CallersObjectsTest {
  private static final int LENGTH = 3000;
  private static final int OFFSET = 7;

  private cl_device_id id;
  private cl_context context;
  private cl_command_queue queue;
  private long references;

  @BeforeEach
  void create() {
    id = TestDevices.facts().id();
    context = newContext();
    queue = newQueue(0);
    references = Info.number(context, CL.CL_CONTEXT_REFERENCE_COUNT);
  }

  private cl_context newContext() {
    return Cl.create("create a context", status ->
        CL.clCreateContext(new cl_context_properties(), 1, new cl_device_id[] {id}, null, null, status));
  }

  private cl_command_queue newQueue(long properties) {
    return Cl.create("create a queue", status -> CL.clCreateCommandQueue(context, id, properties, status));
  }

  @AfterEach
  void release() {
    if (context != null) {
      TestDevices.assertReferences(1, queue);
      TestDevices.assertReferences(references, context);
      CL.clReleaseCommandQueue(queue);
      CL.clReleaseContext(context);
    }
  }

  private cl_mem memory(float... contents) {
    return Cl.create("allocate", status -> CL.clCreateBuffer(
        context, CL.CL_MEM_READ_WRITE | CL.CL_MEM_COPY_HOST_PTR, 4L * contents.length, Pointer.to(contents), status));
  }

  private static float[] gradients() {
    float[] gradients = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      gradients[i] = (float) Math.sin(i);
    }
    return gradients;
  }

  /** Two steps in memory of Nlar's own. */
  private double[] expected() {
    try (OpenClDevice device = OpenCl.device(context, queue, id)) {
      Buffer value = device.allocate(DType.FLOAT32, LENGTH);
      Buffer gradient = device.allocate(DType.FLOAT32, LENGTH);
      HostValues.write(gradient, HostValues.read(MemorySegment.ofArray(gradients()), DType.FLOAT32));
      run(device, value, gradient);
      return HostValues.read(value);
    }
  }

  private static void run(OpenClDevice device, Buffer value, Buffer gradient) {
    try (Step step = device.compile(List.of(
        new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w", value, gradient)))))) {
      step.run(1, 1);
      step.run(1, 0.5);
    }
  }

  @Test
  void memoryObjectsAreUsedInPlaceFromAnOffset() {
    double[] expected = expected();
    float[] shifted = new float[LENGTH + OFFSET];
    System.arraycopy(gradients(), 0, shifted, OFFSET, LENGTH);
    cl_mem values = memory(new float[LENGTH + 2]);
    cl_mem gradients = memory(shifted);
    try (OpenClDevice device = OpenCl.device(context, queue, id)) {
      Buffer value = device.wrap(DType.FLOAT32, values, 4, LENGTH);
      Buffer gradient = device.wrap(DType.FLOAT32, gradients, 4L * OFFSET, LENGTH);
      assertEquals(2, Info.number(values, CL.CL_MEM_REFERENCE_COUNT), "the buffer holds the memory object");
      run(device, value, gradient);
    }
    float[] result = new float[LENGTH + 2];
    CL.clEnqueueReadBuffer(queue, values, true, 0, 4L * result.length, Pointer.to(result), 0, null, null);
    assertEquals(0, result[0]);
    assertEquals(0, result[LENGTH + 1]);
    double[] inner = new double[LENGTH];
    Arrays.setAll(inner, i -> result[i + 1]);
    assertArrayEquals(expected, inner);
    TestDevices.assertReferences(1, values);
    CL.clReleaseMemObject(values);
    CL.clReleaseMemObject(gradients);
  }

  @Test
  void overlapsAreFoundAcrossHandlesOfTheSameMemory() {
    cl_mem whole = memory(new float[4096]);
    cl_buffer_region region = new cl_buffer_region(4096, 4096);
    cl_mem part = Cl.create("make a part", status -> CL.clCreateSubBuffer(
        whole, CL.CL_MEM_READ_WRITE, CL.CL_BUFFER_CREATE_TYPE_REGION, region, status));
    try (OpenClDevice device = OpenCl.device(context, queue, id)) {
      Buffer first = device.wrap(DType.FLOAT32, whole, 0, 1025);
      Buffer second = device.wrap(DType.FLOAT32, part, 0, 1024);
      Buffer apart = device.wrap(DType.FLOAT32, whole, 0, 1024);
      Buffer gradient = device.allocate(DType.FLOAT32, 1024);
      Buffer longer = device.allocate(DType.FLOAT32, 1025);
      assertThrows(ParameterException.class, () -> device.compile(List.of(new ParameterGroup(StepConfig.nlarsm(),
          List.of(new Parameter("a", first, longer), new Parameter("b", second, gradient))))));
      device.compile(List.of(new ParameterGroup(StepConfig.nlarsm(),
          List.of(new Parameter("a", apart, gradient), new Parameter("b", second, gradient))))).close();
    }
    CL.clReleaseMemObject(part);
    CL.clReleaseMemObject(whole);
  }

  @Test
  void memoryObjectsOfBuffersAreForTheCallersOwnWork() {
    try (OpenClDevice device = OpenCl.device(context, queue, id)) {
      Buffer value = device.allocate(DType.FLOAT32, LENGTH);
      Buffer gradient = device.allocate(DType.FLOAT32, LENGTH + OFFSET).slice(OFFSET, LENGTH);
      HostValues.write(gradient, HostValues.read(MemorySegment.ofArray(gradients()), DType.FLOAT32));
      assertEquals(4L * OFFSET, OpenCl.offsetBytes(gradient));
      Step step = device.compile(List.of(
          new ParameterGroup(StepConfig.nlarcm(), List.of(new Parameter("w", value, gradient)))));
      step.reduce();
      double sum = HostValues.read(step.sumsOfSquares())[0];
      // As if a second device had the same gradients, and the loss scale were set by a kernel.
      set(step.sumsOfSquares(), 0, 2 * sum);
      set(step.control(), Control.GRADIENT_SCALE.ordinal(), 0.5);
      step.apply();
      assertEquals(0.5 * Math.sqrt(2 * sum), step.stats().norm());
      Buffer sums = step.sumsOfSquares();
      step.close();
      assertThrows(ClosedException.class, () -> OpenCl.memory(sums));
      assertThrows(ClosedException.class, () -> OpenCl.offsetBytes(sums));
    }
  }

  private void set(Buffer buffer, int element, double value) {
    CL.clEnqueueWriteBuffer(queue, OpenCl.memory(buffer), true, OpenCl.offsetBytes(buffer) + 8L * element, 8,
        Pointer.to(new double[] {value}), 0, null, null);
  }

  @Test
  void buffersOfOtherBackendsHaveNoMemoryObject() {
    try (Device cpu = Backends.open("cpu"); Buffer buffer = cpu.allocate(DType.FLOAT32, 1)) {
      assertThrows(BufferException.class, () -> OpenCl.memory(buffer));
    }
  }

  private cl_mem restricted(long flags) {
    return Cl.create("allocate", status -> CL.clCreateBuffer(context, flags, 4L * LENGTH, null, status));
  }

  @Test
  void memoryObjectsThatKernelsMayNotUseAreRefused() {
    cl_mem readOnly = restricted(CL.CL_MEM_READ_ONLY);
    cl_mem writeOnly = restricted(CL.CL_MEM_WRITE_ONLY);
    try (OpenClDevice device = OpenCl.device(context, queue, id)) {
      BufferException refused =
          assertThrows(BufferException.class, () -> device.wrap(DType.FLOAT32, writeOnly, 0, LENGTH));
      assertTrue(refused.getMessage().contains("CL_MEM_WRITE_ONLY"), refused.getMessage());
      Buffer read = device.wrap(DType.FLOAT32, readOnly, 0, LENGTH);
      Buffer own = device.allocate(DType.FLOAT32, LENGTH);
      long taken = device.memoryTaken();
      ParameterException value = assertThrows(ParameterException.class, () -> run(device, read, own));
      assertTrue(value.getMessage().contains("the value of parameter 'w'"), value.getMessage());
      assertEquals(taken, device.memoryTaken());
      run(device, own, read);
    }
    CL.clReleaseMemObject(readOnly);
    CL.clReleaseMemObject(writeOnly);
  }

  @Test
  void imagesAreRefused() {
    Assumptions.assumeTrue(Info.number(id, CL.CL_DEVICE_IMAGE_SUPPORT) != 0, "the device knows no images");
    cl_image_format format = new cl_image_format();
    format.image_channel_order = CL.CL_RGBA;
    format.image_channel_data_type = CL.CL_FLOAT;
    cl_mem image = Cl.create("make an image", status -> CL.clCreateImage2D(
        context, CL.CL_MEM_READ_WRITE, new cl_image_format[] {format}, 16, 16, 0, null, status));
    try (OpenClDevice device = OpenCl.device(context, queue, id)) {
      BufferException refused = assertThrows(BufferException.class, () -> device.wrap(DType.FLOAT32, image, 0, 16));
      assertTrue(refused.getMessage().contains("clCreateBuffer"), refused.getMessage());
    }
    CL.clReleaseMemObject(image);
  }

  @Test
  void rangesOutsideAndForeignObjectsAreRefused() {
    cl_mem memory = memory(new float[10]);
    try (OpenClDevice device = OpenCl.device(context, queue, id); OpenClDevice other = own()) {
      for (long[] range : new long[][] {{4, 10}, {-4, 1}, {0, -1}, {2, 1}, {44, 0}, {0, Long.MAX_VALUE}}) {
        BufferException refused = assertThrows(BufferException.class,
            () -> device.wrap(DType.FLOAT32, memory, range[0], range[1]));
        assertTrue(refused.getMessage().contains("40 bytes"), refused.getMessage());
      }
      // Less than an element behind the end, and nothing from there.
      cl_mem odd = Cl.create("allocate", status ->
          CL.clCreateBuffer(context, CL.CL_MEM_READ_WRITE, 12, null, status));
      assertThrows(BufferException.class, () -> device.wrap(DType.FLOAT64, odd, 16, 0));
      CL.clReleaseMemObject(odd);
      assertThrows(BufferException.class, () -> other.wrap(DType.FLOAT32, memory, 0, 10));
    }
    TestDevices.assertReferences(1, memory);
    CL.clReleaseMemObject(memory);
  }

  private static OpenClDevice own() {
    DeviceFacts facts = TestDevices.facts();
    return TestDevices.open(facts, Mapping.of(facts));
  }

  @Test
  void objectsThatDoNotBelongTogetherAreRefused() {
    cl_context otherContext = newContext();
    assertThrows(SettingException.class, () -> OpenCl.device(otherContext, queue, id));
    CL.clReleaseContext(otherContext);
    cl_command_queue unordered = newQueue(CL.CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
    SettingException refused = assertThrows(SettingException.class, () -> OpenCl.device(context, unordered, id));
    assertTrue(refused.getMessage().contains("in-order"), refused.getMessage());
    CL.clReleaseCommandQueue(unordered);
  }
}
