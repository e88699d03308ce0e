package io.nlar.spi.queue;

import io.nlar.spi.RulePlan;
import io.nlar.spi.StepPlan;

/**
 * The records and codes of the tables that kernels read: the one place in Java. A backend makes its kernels' declarations
 * of them, or holds its kernels' own against them by a test.
 */
public final class StepTables {
  /** Elements of a block of the fixed-shape sums. */
  public static final int BLOCK = StepPlan.BLOCK;
  /** Lanes of a block; its rows are as long. */
  public static final int LANES = 32;
  /** Sums of products of a parameter that observing rules take. */
  public static final int PRODUCTS = StepPlan.PRODUCTS;
  /** The most state tensors of a parameter: a rule's, frozen noise, and a remainder or master. */
  public static final int MOST_SLOTS = 6;

  /** A parameter: where its data lie, as {@link DeviceMemory#place} has it. Without gradient that place is 0. */
  public static final Struct TENSOR = new Struct("Tensor");
  static final Struct.Field VALUE = TENSOR.wide("value");
  static final Struct.Field GRADIENT = TENSOR.wide("gradient");
  static final Struct.Field TARGET = TENSOR.wide("target");
  static final Struct.Field SLOTS = TENSOR.wide("slots", MOST_SLOTS);
  static final Struct.Field LENGTH = TENSOR.wide("length");
  static final Struct.Field OFFSET = TENSOR.wide("offset");
  static final Struct.Field NAME_HASH = TENSOR.wide("nameHash");
  static final Struct.Field PARTIALS = TENSOR.wide("partials");
  static final Struct.Field NODE = TENSOR.word("node");
  static final Struct.Field GROUP_NUMBER = TENSOR.word("group");
  static final Struct.Field FLAGS = TENSOR.word("flags");
  static final Struct.Field INDEX = TENSOR.word("index");

  /** Flag of a tensor: the step sets its gradient to 0. */
  public static final int ZERO_GRADIENT = 1;
  /** Flag of a tensor: its value lies on a boundary of {@link Kernels#alignment}. */
  public static final int VALUE_ALIGNED = 2;
  /** Flag of a tensor: its gradient does. */
  public static final int GRADIENT_ALIGNED = 4;
  /** Flag of a tensor: it has a gradient. */
  public static final int HAS_GRADIENT = 8;
  /** Flag of a tensor: its update has its sign turned. */
  public static final int NEGATED = 16;
  /** From this bit on, a tensor's flags say which of the launch's memory objects has its value. */
  public static final int VALUE_OBJECT_SHIFT = 8;
  /** From this bit on, which has its gradient. */
  public static final int GRADIENT_OBJECT_SHIFT = 16;
  /** From this bit on, which of those of values has what it writes. */
  public static final int TARGET_OBJECT_SHIFT = 24;
  /** The bits of each. */
  public static final int OBJECT_MASK = 0xff;

  /** A chunk of a tensor; its first element is its number times {@link Kernels#chunk}. */
  public static final Struct CHUNK = new Struct("Chunk");
  static final Struct.Field CHUNK_TENSOR = CHUNK.word("tensor");
  static final Struct.Field CHUNK_NUMBER = CHUNK.word("number");

  /** The settings of a parameter group. */
  public static final Struct GROUP = new Struct("Group");
  static final Struct.Field NUMBERS = GROUP.real("numbers", RulePlan.MOST_NUMBERS);
  static final Struct.Field BOUND = GROUP.real("bound");
  static final Struct.Field DECAY_RATE = GROUP.real("decayRate");
  static final Struct.Field SEED = GROUP.wide("seed");
  static final Struct.Field ROUNDING_SEED = GROUP.wide("roundingSeed");
  static final Struct.Field SCALING = GROUP.word("scaling");
  static final Struct.Field DECAYS = GROUP.word("decays");
  static final Struct.Field DISTRIBUTION = GROUP.word("distribution");
  static final Struct.Field KEEPS = GROUP.word("keeps");

  /** A node of the {@linkplain SumTree sums}. */
  public static final Struct NODE_RECORD = new Struct("Node");
  static final Struct.Field IN = NODE_RECORD.wide("in");
  static final Struct.Field OUT = NODE_RECORD.wide("out");
  static final Struct.Field COUNT = NODE_RECORD.word("count");
  static final Struct.Field PARENT = NODE_RECORD.word("parent");
  /** The parent of the node at the top. */
  public static final int NO_NODE = -1;

  /** A refused step, in the entry (ticket modulo {@link io.nlar.Step#REMEMBERED_TICKETS}) of a ring. */
  public static final Struct REFUSAL = new Struct("Refusal");
  static final Struct.Field TICKET = REFUSAL.wide("ticket");
  static final Struct.Field OFFENDER = REFUSAL.wide("offender");

  /** Flag of a launch: gradient scale and rate factor are given, not read from the control block. */
  public static final int SCALARS_GIVEN = 1;
  /** Flag of a launch: the last one of the step, which closes it in the control block. */
  public static final int FINISHES = 2;
  /** Flag of a launch: there are sums of squares. */
  public static final int REDUCED = 4;
  /** Flag of a launch: {@link io.nlar.NonFinite#FAIL}. */
  public static final int REFUSES = 8;

  private StepTables() {}
}
