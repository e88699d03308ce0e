package io.nlar.cpu.kernel;

import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.Storage;
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

  /** Elements from a multiple of which on the key of random bits is the same. */
  long SAME_KEY = 1L << 33;

  /** Scalars of any rule and its frame. */
  int SCALARS = FRAME + 5;

  /**
   * Updates elements.
   *
   * @param values the memory with θ, as {@link Memory#forKernels} gives it; not looked at where updates are wanted and
   *     nothing decays
   * @param valueAt byte offset of the first θ in it
   * @param gradients the memory with g, likewise
   * @param gradientAt byte offset of the first g in it
   * @param updates the memory to which updates go, likewise; not looked at where values are updated
   * @param updateAt byte offset of the first update in it
   * @param slots where the state's slots start, in the order of {@link RulePlan#slots}; the remainder's or master's is the last
   * @param place elements from there to the state of the first element
   * @param epsilonAt address of the first ε; not looked at without noise
   * @param count number of elements, a multiple of {@link #lanes} and at most {@link Memory#MOST_ELEMENTS}
   * @param scalars the rule's, then the frame's, rounded to the type of the arithmetic
   * @param roundingKey {@link Rounding#key}, where numbers are rounded by random bits
   * @param pair the number of the first element's pair, the lower 32 bits; the first element is the first of its pair
   */
  void run(MemorySegment values, long valueAt, MemorySegment gradients, long gradientAt, MemorySegment updates,
      long updateAt, long[] slots, long place, long epsilonAt, int count, double[] scalars, long roundingKey, int pair);

  /** Elements that it updates at a time. */
  int lanes();

  /** The address of a rule's slot from byte {@code offset} on; 0 where the variant keeps no such slot. */
  static long address(long[] slots, int slot, long offset) {
    return slot < slots.length ? Memory.start(slots[slot] + offset) : 0;
  }

  /**
   * What a kernel is specialised to.
   *
   * @param rule the rule's class
   * @param form the rule's form
   * @param storage how values, gradients and state lie in memory
   * @param vectorBits width of its vectors; 0 for the scalar kernel
   * @param scaling what is done to a gradient
   * @param noise whether there is noise, frozen or fresh
   * @param weightDecay whether δ is not 0
   * @param zeroGradient whether gradients are zeroed
   * @param update whether updates are written instead of values, and what is done with them
   * @param values the class of the memory with values, as {@link Memory#forKernels} gives it
   * @param gradients the same of gradients
   * @param updateMemory the same of updates
   */
  record Variant(String rule, String form, Storage storage, int vectorBits, Scaling.Form scaling, boolean noise,
      boolean weightDecay, boolean zeroGradient, int update, Class<? extends MemorySegment> values,
      Class<? extends MemorySegment> gradients, Class<? extends MemorySegment> updateMemory) {
    /** Values are updated. */
    public static final int NO_UPDATE = 0;
    /** Updates are written, to be added. */
    public static final int ADDED = 1;
    /** Updates are written, to be subtracted. */
    public static final int SUBTRACTED = 2;

    /** The variant for a group's settings. */
    public static Variant of(GroupPlan group, int vectorBits, boolean zeroGradient, int update, MemorySegment values,
        MemorySegment gradients, MemorySegment updates) {
      StepConfig config = group.config();
      return new Variant(config.rule().getClass().getSimpleName(), group.rule().form(), group.storage(), vectorBits,
          config.scaling().form(), config.noisy(), config.weightDecay() != 0, zeroGradient, update, values.getClass(),
          gradients.getClass(), updates.getClass());
    }

    /** This variant for elements that are kept otherwise. */
    public Variant with(Storage other) {
      return new Variant(rule, form, other, vectorBits, scaling, noise, weightDecay, zeroGradient, update, values,
          gradients, updateMemory);
    }

    /** This variant, one element at a time. */
    public Variant scalar() {
      return new Variant(rule, form, storage, 0, scaling, noise, weightDecay, zeroGradient, update, values, gradients,
          updateMemory);
    }

    /** Whether some of it is kept narrower than it is computed. */
    boolean packed() {
      return storage.narrow();
    }

    boolean bfloatGradient() {
      return switch (storage.gradient()) {
        case BFLOAT16 -> true;
        case FLOAT16, FLOAT32, FLOAT64, UINT16 -> false;
      };
    }

    boolean remainder() {
      return storage.master() == Precision.Master.REMAINDER;
    }

    boolean clipped() {
      return scaling == Scaling.Form.VALUE;
    }

    boolean soft() {
      return scaling == Scaling.Form.SOFT;
    }
  }
}
