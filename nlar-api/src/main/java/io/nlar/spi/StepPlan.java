package io.nlar.spi;

import io.nlar.NonFinite;
import io.nlar.Part;
import io.nlar.StepConfig;
import io.nlar.Storage;
import java.util.ArrayList;
import java.util.List;

/**
 * A step as a backend sees it: checked, flat, and without buffers. Immutable.
 *
 * @param groups the groups in order of registration
 * @param tensors all parameters, over all groups, in order of registration
 */
public record StepPlan(List<GroupPlan> groups, List<TensorPlan> tensors) {
  /** Elements of a block of the fixed-shape sums (docs/numerics.md). */
  public static final int BLOCK = Part.UNIT;

  /** Sums of products that a rule learns from which {@linkplain RulePlan#observes observes} its update: Σ d·v, Σ d·d and Σ v·v. */
  public static final int PRODUCTS = 3;

  public StepPlan {
    groups = List.copyOf(groups);
    tensors = List.copyOf(tensors);
  }

  /** The policy of the whole step: {@link NonFinite#FAIL}, {@link NonFinite#SKIP} or {@link NonFinite#UNCHECKED}. */
  public NonFinite policy() {
    boolean skip = false;
    for (GroupPlan group : groups) {
      NonFinite policy = group.config().nonFinite();
      if (policy == NonFinite.FAIL) {
        return NonFinite.FAIL;
      }
      skip |= policy == NonFinite.SKIP || group.config().scaling().needsReduction();
    }
    return skip ? NonFinite.SKIP : NonFinite.UNCHECKED;
  }

  /** Whether the step has a reduction pass; it then spans all tensors. */
  public boolean reduction() {
    return policy() != NonFinite.UNCHECKED;
  }

  /** The group of a tensor. */
  public GroupPlan groupOf(TensorPlan tensor) {
    return groups.get(tensor.group());
  }

  /** Bytes of the state of all tensors. */
  public long stateBytes() {
    long[] each = groups.stream()
        .mapToLong(group -> group.slots().stream().mapToLong(slot -> slot.type().bytes()).sum()).toArray();
    long[] once = groups.stream()
        .mapToLong(group -> group.rule().parameterSlots().stream().mapToLong(slot -> slot.type().bytes()).sum()).toArray();
    return tensors.stream().mapToLong(tensor -> tensor.length() * each[tensor.group()] + once[tensor.group()]).sum();
  }

  /** N, the number of all elements, also of what other workers own. */
  public long elements() {
    return tensors.stream().mapToLong(TensorPlan::whole).sum();
  }

  /** Whether a tensor is only a part of a larger one, so that others have to say what its sums are. */
  public boolean partial() {
    return tensors.stream().anyMatch(TensorPlan::partial);
  }

  /** Whether numbers are kept of whole parameters. */
  public boolean keepsOfParameters() {
    return groups.stream().anyMatch(group -> !group.rule().parameterSlots().isEmpty());
  }

  /** Whether a rule {@linkplain RulePlan#observes observes} its update. */
  public boolean observes() {
    return groups.stream().anyMatch(group -> group.rule().observes());
  }

  /**
   * Whether rules that observe their update learn only when workers have exchanged what their parts' blocks left. Engines then
   * change nothing that such a rule keeps of parameters, and hand out {@linkplain StepEngine#products the sums of products}.
   */
  public boolean learnsLater() {
    return observes() && partial();
  }

  /** Blocks of all whole tensors. */
  public long blocks() {
    return tensors.stream().mapToLong(TensorPlan::blocks).sum();
  }

  /** Where the blocks of each whole tensor start among those of all. */
  public long[] blockStarts() {
    long[] starts = new long[tensors.size()];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + tensors.get(i - 1).blocks();
    }
    return starts;
  }

  /** This plan with one group's settings replaced. */
  public StepPlan with(int group, StepConfig config) {
    List<GroupPlan> changed = new ArrayList<>(groups);
    Storage storage = groups.get(group).storage();
    changed.set(group, new GroupPlan(config, storage.value(), storage.gradient(), elements()));
    return new StepPlan(changed, tensors);
  }
}
