package io.nlar.bench.contest;

import io.nlar.DType;
import io.nlar.ParameterGroup;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.Storage;
import io.nlar.bench.harness.Contestant;
import java.util.List;
import java.util.Optional;

/**
 * Nlar's step.
 *
 * @param name the name in tables
 * @param config the settings
 * @param parameters into how many tensors the parameters are cut
 */
public record NlarStep(String name, StepConfig config, int parameters) implements Entrant {

  /** Over one tensor. */
  public NlarStep(String name, StepConfig config) {
    this(name, config, 1);
  }

  @Override
  public Kind kind() {
    return Kind.STEP;
  }

  @Override
  public Optional<String> unavailable(Workload workload) {
    return parameters > workload.size()
        ? Optional.of(workload.size() + " parameters cannot be cut into " + parameters + " tensors")
        : Optional.empty();
  }

  @Override
  public boolean stateful() {
    return !config.slots().isEmpty();
  }

  @Override
  public double trafficBytes(Workload workload) {
    return trafficBytes(config, workload.type());
  }

  /**
   * Bytes read and written for each parameter: reduce reads g; apply reads g, θ and the state, writes θ and the state. Of a
   * value with a master of its own type the value is only written. What is kept of whole parameters does not count.
   */
  static int trafficBytes(StepConfig config, DType type) {
    Storage storage = config.storage(type, type);
    int bytes = (config.scaling().needsReduction() ? 2 : 1) * storage.gradient().bytes();
    bytes += (storage.masterSlot() == Slot.MASTER ? 1 : 2) * type.bytes();
    for (Slot slot : config.slots(type)) {
      bytes += (slot.perParameter() ? 0 : slot == Slot.NOISE ? 1 : 2) * storage.type(slot).bytes();
    }
    return bytes;
  }

  @Override
  public long memoryBytes(Workload workload) {
    return config.stateBytes(workload.type(), workload.size());
  }

  @Override
  public Contestant open(Tensors tensors) {
    Step step = compile(tensors);
    return new Contestant() {
      @Override
      public void verify() {
        new StepVerification(tensors, step, config).run();
      }

      @Override
      public void run(long times) {
        long ticket = 0;
        for (long i = 0; i < times; i++) {
          ticket = step.run(1, 1);
        }
        step.await(ticket);
      }

      @Override
      public void close() {
        step.close();
      }
    };
  }

  /** The step itself, over the tensors of a race. */
  public Step compile(Tensors tensors) {
    return tensors.device().compile(List.of(new ParameterGroup(config, tensors.parameters(parameters))));
  }
}
