package io.nlar.cpu.kernel;

import io.nlar.DType;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.RulePlan;
import java.lang.foreign.MemorySegment;

/** The update of a run of elements by one rule. */
public interface ApplyKernel {
  /**
   * Where the scalars of the frame around the rules start in the array of scalars, behind the rule's own: c; s, k and b
   * of element-wise scalings; δλk.
   */
  int FRAME = RulePlan.MOST_NUMBERS;

  /** Scalars of any rule and its frame. */
  int SCALARS = FRAME + 5;

  /**
   * Updates elements.
   *
   * @param values the memory with θ, as {@link Memory#forKernels} gives it
   * @param valueAt byte offset of the first θ in it
   * @param gradients the memory with g, likewise
   * @param gradientAt byte offset of the first g in it
   * @param slots where the state's slots start, in the order of {@link RulePlan#slots}
   * @param offset bytes from there to the state of the first element
   * @param epsilonAt address of the first ε; not looked at without noise
   * @param count number of elements, a multiple of {@link #lanes}
   * @param scalars the rule's, then the frame's, rounded to the element type
   */
  void run(MemorySegment values, long valueAt, MemorySegment gradients, long gradientAt, long[] slots, long offset,
      long epsilonAt, int count, double[] scalars);

  /** Elements a vector. */
  int lanes();

  /** The address of a rule's slot from byte {@code offset} on; 0 where the variant keeps no such slot. */
  static long address(long[] slots, int slot, long offset) {
    return slot < slots.length ? slots[slot] + offset : 0;
  }

  /**
   * What a kernel is specialised to.
   *
   * @param rule the rule's class
   * @param form the rule's form
   * @param type T, the element type
   * @param vectorBits width of its vectors; 0 for the scalar kernel
   * @param scaling what is done to a gradient
   * @param noise whether there is noise, frozen or fresh
   * @param weightDecay whether δ is not 0
   * @param zeroGradient whether gradients are zeroed
   * @param values the class of the memory with values, as {@link Memory#forKernels} gives it
   * @param gradients the same of gradients
   */
  record Variant(String rule, String form, DType type, int vectorBits, Scaling.Form scaling, boolean noise,
      boolean weightDecay, boolean zeroGradient, Class<? extends MemorySegment> values,
      Class<? extends MemorySegment> gradients) {

    /** The variant for a group's settings. */
    public static Variant of(
        GroupPlan group, int vectorBits, boolean zeroGradient, MemorySegment values, MemorySegment gradients) {
      StepConfig config = group.config();
      return new Variant(config.rule().getClass().getSimpleName(), group.rule().form(), group.type(), vectorBits,
          config.scaling().form(), config.noisy(), config.weightDecay() != 0, zeroGradient, values.getClass(),
          gradients.getClass());
    }

    /** This variant, one element at a time. */
    public Variant scalar() {
      return new Variant(rule, form, type, 0, scaling, noise, weightDecay, zeroGradient, values, gradients);
    }

    boolean clipped() {
      return scaling == Scaling.Form.VALUE;
    }

    boolean soft() {
      return scaling == Scaling.Form.SOFT;
    }
  }
}
