package io.nlar.tribuo;

import io.nlar.Backends;
import io.nlar.Buffer;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.Update;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.tribuo.math.la.Tensor;

/**
 * All tensors of a model, one behind the other, and the step over them, which leaves updates in their gradients' place:
 * neighbours cost no more than one tensor of their size.
 */
final class FlatModel implements AutoCloseable {
  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final FlatTensor[] tensors;
  private final Tensor[] updates;
  /** Of the values, where they decay; else null, for nothing reads them. */
  private final MemorySegment values;
  private final MemorySegment gradients;
  private final Device device;
  private final Buffer valueBuffer;
  private final Buffer gradientBuffer;
  private final Step step;

  FlatModel(StepConfig config, String selector, Tensor[] parameters) {
    this.tensors = new FlatTensor[parameters.length];
    this.updates = new Tensor[parameters.length];
    long length = 0;
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = new FlatTensor("parameter" + i, parameters[i]);
      length += tensors[i].length();
    }
    if (length > LONGEST_ARRAY) {
      throw new ParameterException("the model has " + length + " elements; an array holds at most " + LONGEST_ARRAY
          + ": use one of Tribuo's own optimisers");
    }
    double[] allValues = config.weightDecay() == 0 ? null : new double[(int) length];
    double[] allGradients = new double[(int) length];
    this.values = allValues == null ? null : MemorySegment.ofArray(allValues);
    this.gradients = MemorySegment.ofArray(allGradients);
    this.device = Backends.open(selector);
    try {
      this.gradientBuffer = buffer(gradients);
      this.valueBuffer = values == null ? gradientBuffer : buffer(values);
      List<Parameter> bound = new ArrayList<>();
      int from = 0;
      for (FlatTensor tensor : tensors) {
        tensor.place(allValues, allGradients, from);
        bound.add(new Parameter(tensor.name(), valueBuffer.slice(from, tensor.length()),
            gradientBuffer.slice(from, tensor.length())).withUpdate(Update.added()));
        from += (int) tensor.length();
      }
      this.step = device.compile(List.of(new ParameterGroup(config, bound)));
    } catch (Throwable failure) {
      device.close();
      throw failure;
    }
  }

  private Buffer buffer(MemorySegment array) {
    return device.info().heapMemory() ? device.wrap(DType.FLOAT64, array)
        : device.allocate(DType.FLOAT64, array.byteSize() / Double.BYTES);
  }

  /** How many tensors there are. */
  int size() {
    return tensors.length;
  }

  Step step() {
    return step;
  }

  /** The updates for these gradients, in tensors that the next call overwrites. */
  Tensor[] updates(Tensor[] given, double gradientScale, double rateFactor) {
    for (int i = 0; i < tensors.length; i++) {
      tensors[i].takeGradient(given[i]);
    }
    if (values != null) {
      for (FlatTensor tensor : tensors) {
        tensor.takeValues();
      }
    }
    boolean copied = !device.info().heapMemory();
    if (copied) {
      if (values != null) {
        valueBuffer.copyFrom(values);
      }
      gradientBuffer.copyFrom(gradients);
    }
    step.await(step.run(gradientScale, rateFactor));
    if (copied) {
      gradientBuffer.copyTo(gradients);
    }
    for (int i = 0; i < tensors.length; i++) {
      updates[i] = tensors[i].takeUpdate();
    }
    return updates;
  }

  @Override
  public void close() {
    device.close(); // with the step and the buffers
  }
}
