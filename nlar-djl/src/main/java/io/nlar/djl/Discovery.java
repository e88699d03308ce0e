package io.nlar.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.NativeResource;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Finds all trainable tensors of a model before its first update. DJL tells an optimizer about one parameter at a time
 * and never how many there are, but the norm of the first batch already needs them all.
 */
final class Discovery {
  private Discovery() {}

  /**
   * The parameters of a block that are trained, under the names and in the order that the block gives them. A tensor
   * that several parameters share is one, under the first name.
   *
   * @param before keeps its parameters although they are frozen now; may be null
   */
  static List<NamedArray> in(Block block, ModelStep before) {
    List<NamedArray> found = new ArrayList<>();
    Set<NDArray> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Pair<String, Parameter> entry : block.getParameters()) {
      Parameter parameter = entry.getValue();
      if (!parameter.requiresGradient() && (before == null || !parameter.isInitialized())) {
        continue;
      }
      NamedArray named = new NamedArray(entry.getKey(), parameter.getArray());
      if ((parameter.requiresGradient() || before.knows(named)) && seen.add(named.array())) {
        found.add(named);
      }
    }
    return found;
  }

  /**
   * The trainable tensors in whose company {@code weight} is: those that its manager holds (a model's blocks are
   * initialised with the model's own manager) and that collect gradients. In the order of their creation, under
   * provisional names.
   */
  static List<NamedArray> around(NDArray weight) {
    NDManager manager = weight.getManager();
    List<NDArray> found = new ArrayList<>();
    for (NDArray array : manager.getManagedArrays()) {
      if (array == weight || (array.getManager() == manager && array.hasGradient() && isParameter(array))) {
        found.add(array);
      }
    }
    found.sort(Comparator.comparing(Discovery::creation).thenComparing(NDArray::getUid));
    List<NamedArray> named = new ArrayList<>();
    for (NDArray array : found) {
      named.add(new NamedArray("parameter" + named.size(), array));
    }
    return named;
  }

  /**
   * Results of operations on parameters collect gradients too, and lie beside them. Unlike parameters they have no
   * name, and no gradient of their own after the backward pass.
   */
  private static boolean isParameter(NDArray array) {
    return array.getName() != null || hasDefinedGradient(array);
  }

  /** Whether a backward pass has reached this tensor: for one that it has not, DJL makes up a new gradient each time. */
  static boolean hasDefinedGradient(NDArray array) {
    try (NDManager scope = array.getManager().newSubManager(); NDArray one = array.getGradient();
        NDArray two = array.getGradient()) {
      NDScope.unregister(one, two);
      if (one.isSparse() || !one.getDevice().equals(ai.djl.Device.cpu())) {
        return true;
      }
      var first = HostAlias.of(one, scope);
      var second = HostAlias.of(two, scope);
      return first.isEmpty() || second.isEmpty()
          || first.get().memory().address() == second.get().memory().address();
    }
  }

  /** The time at which the tensor was made, which follows the handle in its identifier. */
  private static long creation(NDArray array) {
    if (array instanceof NativeResource<?> resource) {
      String handle = resource.getHandle().toString();
      String uid = array.getUid();
      if (uid.startsWith(handle)) {
        try {
          return Long.parseLong(uid.substring(handle.length()));
        } catch (NumberFormatException anotherForm) {
          return 0;
        }
      }
    }
    return 0;
  }
}
