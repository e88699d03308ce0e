package io.nlar.nd4j;

import io.nlar.Buffer;
import io.nlar.CallOrderException;
import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Parameter;
import io.nlar.ParameterException;
import io.nlar.ParameterGroup;
import io.nlar.Slot;
import io.nlar.State;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.Update;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;

/**
 * Turns a gradient into the update that ND4J subtracts. Made by {@link NlarUpdater}.
 *
 * <p>The step works on the gradient's own memory, where it leaves the update, to be subtracted. The state is ND4J's array, slot after
 * slot in the order of {@link Slot}, on which the step works in place: whoever writes there is followed.
 */
public final class NlarGradientUpdater implements GradientUpdater<NlarUpdater> {
  private static final String NAME = "gradient";

  private final NlarUpdater updater;
  private final Map<String, INDArray> state = new LinkedHashMap<>();
  private long length;
  private char order;
  private DType type;

  private Step step;
  private StepConfig compiled;
  /** Stands for values, which nothing reads. */
  private Buffer unread;
  private long gradients;
  private Buffer applied;
  private MemorySegment appliedValue;
  private final List<Buffer> slots = new ArrayList<>();

  NlarGradientUpdater(NlarUpdater updater) {
    this.updater = updater;
  }

  @Override
  public NlarUpdater getConfig() {
    return updater;
  }

  /** ND4J's array by slots, under {@link Slot#label() their names in state files}, in the shape of the gradient. */
  @Override
  public Map<String, INDArray> getState() {
    return new LinkedHashMap<>(state);
  }

  /**
   * Uses these arrays as the state, one a slot, all of the gradient's shape and without gaps.
   *
   * @throws ParameterException if a slot is missing or too many, or an array does not fit
   */
  @Override
  public void setState(Map<String, INDArray> stateMap, boolean initialize) {
    List<String> expected = labels();
    if (!stateMap.keySet().equals(Set.copyOf(expected))) {
      throw new ParameterException("the state has the arrays " + stateMap.keySet() + ", but " + updater
          + " keeps " + expected);
    }
    if (expected.isEmpty()) {
      return;
    }
    INDArray first = stateMap.get(expected.getFirst());
    for (INDArray array : stateMap.values()) {
      if (!HostArray.dense(array) || !array.equalShapes(first) || array.dataType() != first.dataType()) {
        throw new ParameterException("the arrays of the state must have one shape and type and no gaps between elements,"
            + " but there are " + first.shapeInfoToString() + " and " + array.shapeInfoToString());
      }
    }
    use(first, first.length(), first.ordering(), initialize, expected, stateMap);
  }

  /**
   * Uses this array as the state.
   *
   * @throws ParameterException if it has gaps, or not {@link NlarUpdater#stateSize} elements
   */
  @Override
  public void setStateViewArray(INDArray viewArray, long[] gradientShape, char gradientOrder, boolean initialize) {
    List<String> labels = labels();
    if (labels.isEmpty()) {
      return;
    }
    long each = 1;
    for (long extent : gradientShape) {
      each *= extent;
    }
    if (viewArray == null || viewArray.length() != labels.size() * each || !HostArray.dense(viewArray)) {
      throw new ParameterException("the state must have " + labels.size() + " times " + each
          + " elements without gaps, but it is " + (viewArray == null ? "null" : viewArray.shapeInfoToString()));
    }
    INDArray flat = viewArray.reshape(viewArray.length());
    Map<String, INDArray> parts = new LinkedHashMap<>();
    for (int i = 0; i < labels.size(); i++) {
      INDArray part = flat.get(NDArrayIndex.interval(i * each, (i + 1) * each));
      parts.put(labels.get(i), part.reshape(gradientOrder, gradientShape));
    }
    use(viewArray, each, gradientOrder, initialize, labels, parts);
  }

  private List<String> labels() {
    return updater.config().slots().stream().map(Slot::label).toList();
  }

  private void use(INDArray any, long each, char gradientOrder, boolean initialize, List<String> labels,
      Map<String, INDArray> parts) {
    HostArray.requireCpu();
    release();
    order = gradientOrder;
    state.clear();
    for (String label : labels) {
      state.put(label, parts.get(label));
    }
    if (initialize) {
      compile(HostArray.type(any), each, HostArray.address(any), true);
    }
  }

  /**
   * Writes the update over the gradient.
   *
   * @param iteration ND4J's, from 0: t of the step less 1
   * @throws ParameterException if the gradient has not the state's length and type
   * @throws CallOrderException if no state was given
   * @throws io.nlar.SettingException if the schedule gives a rate that is negative, infinite or NaN; nothing has changed
   */
  @Override
  public void applyUpdater(INDArray gradient, int iteration, int epoch) {
    if (state.isEmpty() && !labels().isEmpty()) {
      throw new CallOrderException("the updater has no state: call setStateViewArray or setState first");
    }
    boolean inPlace = HostArray.dense(gradient) && (gradient.ordering() == order || gradient.rank() < 2
        || state.isEmpty());
    if (inPlace) {
      apply(gradient, iteration, epoch);
    } else { // elements as far apart, or in such an order, that the state does not fit to them
      INDArray ordered = gradient.dup(order);
      apply(ordered, iteration, epoch);
      gradient.assign(ordered);
    }
  }

  private void apply(INDArray gradient, int iteration, int epoch) {
    DType elements = HostArray.type(gradient);
    if (step == null || !compiled.equals(updater.config()) || state.isEmpty() && length != gradient.length()) {
      HostArray.requireCpu();
      release();
      compile(elements, state.isEmpty() ? gradient.length() : state.values().iterator().next().length(),
          HostArray.address(gradient), false);
    }
    if (gradient.length() != length || elements != type) {
      throw new ParameterException("the gradient has " + gradient.length() + " elements of type " + elements
          + ", the state is for " + length + " of type " + type + "; make a new updater for another network");
    }
    bind(gradient);
    appliedValue.set(ValueLayout.JAVA_DOUBLE, 0, iteration);
    applied.copyFrom(appliedValue);
    step.await(step.run(1, updater.rateFactor(iteration, epoch)));
  }

  /**
   * Compiles the step.
   *
   * @param somewhere an address of as many elements
   */
  private void compile(DType elements, long each, long somewhere, boolean fresh) {
    Device device = updater.device();
    type = elements;
    length = each;
    compiled = updater.config();
    Map<Slot, Buffer> lent = new EnumMap<>(Slot.class);
    compiled.slots().forEach(slot ->
        lent.put(slot, device.wrap(type, length, HostArray.address(state.get(slot.label())))));
    slots.addAll(lent.values());
    unread = device.wrap(type, length, somewhere);
    step = device.compile(List.of(new ParameterGroup(compiled,
        List.of(new Parameter(NAME, unread, null).withState(new State(lent, !fresh)).withUpdate(Update.subtracted())))));
    applied = step.control().slice(Control.APPLIED.ordinal(), 1);
    appliedValue = Arena.ofAuto().allocate(ValueLayout.JAVA_DOUBLE);
  }

  /** ND4J's networks keep their gradients in one place; SameDiff has new ones in every step. */
  private void bind(INDArray gradient) {
    long address = HostArray.address(gradient);
    if (gradients != address) {
      step.bindGradient(0, address);
      gradients = address;
    }
  }

  /** The step, which works on ND4J's memory. */
  Step step() {
    return step;
  }

  /** The memory that the step reads the gradient from and writes the update to. */
  MemorySegment gradients() {
    return MemorySegment.ofAddress(gradients).reinterpret(length * type.bytes());
  }

  private void release() {
    if (step != null) {
      step.close();
      unread.close();
      slots.forEach(Buffer::close);
      slots.clear();
      step = null;
      gradients = 0;
    }
  }
}
