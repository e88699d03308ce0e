package io.nlar.experiments;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.optimizer.Adam;
import ai.djl.training.optimizer.Optimizer;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * DJL's Adam with its state in a manager. DJL itself detaches the state from every manager, and nothing ever frees
 * that native memory: 8 bytes a parameter and run.
 */
final class ManagedOptimizers {
  private ManagedOptimizers() {}

  /** DJL's Adam; the manager is asked for when the state is made. */
  static Optimizer adam(Adam.Builder settings, Supplier<NDManager> manager) {
    return new Adam(settings) {
      @Override
      protected NDArray withDefaultState(Map<String, Map<Device, NDArray>> states, String key, Device device,
          Function<String, NDArray> first) {
        return held(super.withDefaultState(states, key, device, first), manager.get());
      }
    };
  }

  private static NDArray held(NDArray state, NDManager manager) {
    if (state.getManager() != manager) {
      state.attach(manager);
    }
    return state;
  }
}
