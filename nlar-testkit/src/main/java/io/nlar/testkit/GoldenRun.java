package io.nlar.testkit;

import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.Storage;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs traces, on a device through the public contract or on the reference step. */
public final class GoldenRun {

  /** The two ways of running a trace, seen from the outside. */
  private interface Model {
    void run(double[] gradients);

    Snapshot snapshot(int step);
  }

  private GoldenRun() {}

  /** Runs a trace on a device, with all its tensors in one group. Everything opened here is closed again. */
  public static GoldenResult run(Device device, DType type, Trace trace) {
    return run(device, type, trace, false, () -> {});
  }

  /**
   * The same.
   *
   * @param type the type of the run; where the trace has a storage of its own, that says how elements are kept
   * @param bits whether the patterns of values and state are reported too
   * @param stepDone is called after every step
   */
  public static GoldenResult run(Device device, DType type, Trace trace, boolean bits, Runnable stepDone) {
    List<Buffer> buffers = new ArrayList<>();
    try {
      List<Parameter> parameters = new ArrayList<>();
      for (TensorSpec tensor : trace.tensors()) {
        Buffer value = device.allocate(trace.storage(type).value(), tensor.length());
        buffers.add(value);
        Buffer gradient = device.allocate(trace.storage(type).gradient(), tensor.length());
        buffers.add(gradient);
        parameters.add(new Parameter(tensor.name(), value, gradient));
      }
      scatter(trace, trace.theta0(), parameters.stream().map(Parameter::value).toList());
      try (Step step = device.compile(List.of(new ParameterGroup(trace.config(), parameters)))) {
        startExactly(trace, trace.storage(type), step, parameters);
        return run(type, trace, new DeviceModel(trace, step, parameters, bits), stepDone);
      }
    } finally {
      buffers.forEach(Buffer::close);
    }
  }

  /** Runs a trace on the reference step. */
  public static GoldenResult runReference(DType type, Trace trace) {
    return run(type, trace, new ReferenceModel(type, trace), () -> {});
  }

  private static GoldenResult run(DType type, Trace trace, Model model, Runnable stepDone) {
    List<Snapshot> computed = new ArrayList<>();
    List<Integer> reported = trace.reportedSteps();
    for (int step = 1; step <= trace.gradients().size(); step++) {
      model.run(trace.gradients().get(step - 1));
      if (computed.size() < reported.size() && reported.get(computed.size()) == step) {
        computed.add(model.snapshot(step));
      }
      stepDone.run();
    }
    return new GoldenResult(trace, type, computed);
  }

  /** Sets what is kept beside narrow values, and them, so that together they are the trace's start values. */
  private static void startExactly(Trace trace, Storage storage, Step step, List<Parameter> parameters) {
    switch (storage.master()) {
      case NONE, AUTO -> { }
      case FLOAT32 -> scatter(trace, trace.theta0(), states(step, Slot.MASTER));
      case REMAINDER -> {
        scatter(trace, Arrays.stream(trace.theta0()).map(ReferenceStorage::upper).toArray(),
            parameters.stream().map(Parameter::value).toList());
        scatter(trace, Arrays.stream(trace.theta0()).map(ReferenceStorage::lower).toArray(), states(step, Slot.REMAINDER));
      }
    }
  }

  private static List<Buffer> states(Step step, Slot slot) {
    return step.parameters().stream().map(name -> step.state(name, slot)).toList();
  }

  private static void scatter(Trace trace, double[] flat, List<Buffer> buffers) {
    int start = 0;
    for (int i = 0; i < buffers.size(); i++) {
      int end = start + trace.shapes().get(i);
      HostValues.write(buffers.get(i), Arrays.copyOfRange(flat, start, end));
      start = end;
    }
  }

  private static double[] concatenate(List<double[]> parts) {
    return parts.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  private record DeviceModel(Trace trace, Step step, List<Parameter> parameters, boolean bits) implements Model {
    DeviceModel {
      if (trace.frozenNoise() != null) {
        scatter(trace, trace.frozenNoise(), states(step, Slot.NOISE));
      }
    }

    @Override
    public void run(double[] gradients) {
      scatter(trace, gradients, parameters.stream().map(Parameter::gradient).toList());
      step.await(step.run(1, 1));
    }

    @Override
    public Snapshot snapshot(int number) {
      List<double[]> rates = new ArrayList<>();
      for (Parameter parameter : parameters) {
        DType type = parameter.value().type().arithmetic();
        MemorySegment host = HostValues.segment(type, new double[Math.toIntExact(parameter.value().length())]);
        step.learningRates(parameter.name(), host);
        rates.add(HostValues.read(host, type));
      }
      return new Snapshot(number,
          concatenate(parameters.stream().map(p -> HostValues.read(p.value())).toList()),
          concatenate(rates),
          trace.config().slots().contains(Slot.VELOCITY)
              ? concatenate(states(step, Slot.VELOCITY).stream().map(HostValues::read).toList())
              : null,
          bits ? patterns() : null);
    }

    private Map<String, List<BigInteger>> patterns() {
      Map<String, List<BigInteger>> patterns = new LinkedHashMap<>();
      patterns.put("value", patterns(parameters.stream().map(Parameter::value).toList()));
      for (Slot slot : step.config(0).slots(parameters.getFirst().value().type())) {
        patterns.put(slot.label(), patterns(states(step, slot)));
      }
      return patterns;
    }

    private static List<BigInteger> patterns(List<Buffer> buffers) {
      List<BigInteger> patterns = new ArrayList<>();
      for (Buffer buffer : buffers) {
        int bytes = buffer.type().bytes();
        ByteBuffer host = ByteBuffer.allocate(Math.toIntExact(buffer.byteSize())).order(ByteOrder.nativeOrder());
        buffer.copyTo(MemorySegment.ofBuffer(host));
        for (int at = 0; at < host.capacity(); at += bytes) {
          byte[] element = new byte[bytes];
          host.get(at, element);
          patterns.add(new BigInteger(1, host.order() == ByteOrder.BIG_ENDIAN ? element : reversed(element)));
        }
      }
      return patterns;
    }

    private static byte[] reversed(byte[] bytes) {
      byte[] reversed = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        reversed[i] = bytes[bytes.length - 1 - i];
      }
      return reversed;
    }
  }

  private static final class ReferenceModel implements Model {
    private final Trace trace;
    private final DType type;
    private final ReferenceStep step;

    ReferenceModel(DType type, Trace trace) {
      this.trace = trace;
      this.type = type;
      this.step = new ReferenceStep(List.of(new GroupSpec(trace.config(), type, trace.tensors())));
      fill(trace.theta0(), step.tensors().stream().map(ReferenceTensor::value).toList());
      if (trace.frozenNoise() != null) {
        fill(trace.frozenNoise(), step.tensors().stream().map(t -> t.state(Slot.NOISE)).toList());
      }
    }

    private void fill(double[] flat, List<double[]> arrays) {
      int next = 0;
      for (double[] array : arrays) {
        for (int i = 0; i < array.length; i++) {
          array[i] = type.round(flat[next++]);
        }
      }
    }

    @Override
    public void run(double[] gradients) {
      fill(gradients, step.tensors().stream().map(ReferenceTensor::gradient).toList());
      step.run(1, 1);
    }

    @Override
    public Snapshot snapshot(int number) {
      List<ReferenceTensor> tensors = step.tensors();
      return new Snapshot(number,
          concatenate(tensors.stream().map(ReferenceTensor::value).toList()),
          concatenate(tensors.stream().map(t -> step.learningRates(t.spec().name())).toList()),
          trace.config().slots().contains(Slot.VELOCITY)
              ? concatenate(tensors.stream().map(t -> t.state(Slot.VELOCITY)).toList())
              : null);
    }
  }
}
