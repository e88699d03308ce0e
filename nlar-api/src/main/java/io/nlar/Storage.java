package io.nlar;

import io.nlar.Precision.Master;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How the elements of a parameter group are kept in memory: what a {@link Precision} and the types of the buffers come to.
 *
 * @param value type of the values
 * @param gradient type of the gradients
 * @param state type of the state that the rule keeps
 * @param master how the exact value behind a narrow one is kept; never AUTO
 */
public record Storage(DType value, DType gradient, DType state, Master master) {
  public Storage {
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(gradient, "gradient");
    Objects.requireNonNull(state, "state");
    Objects.requireNonNull(master, "master");
    check(value + " values", GRADIENTS.getOrDefault(value, Set.of()), gradient, "gradients");
    check(value + " values", STATES.get(value.arithmetic()), state, "state");
    check(value + " values", MASTERS.get(value), master, "a master");
  }

  private static final Set<DType> NARROW = new TreeSet<>(Set.of(DType.FLOAT32, DType.BFLOAT16, DType.FLOAT16));
  private static final Set<DType> WIDE = Set.of(DType.FLOAT64);
  private static final Map<DType, Set<DType>> GRADIENTS = Map.of(
      DType.FLOAT32, NARROW, DType.BFLOAT16, NARROW, DType.FLOAT16, NARROW, DType.FLOAT64, WIDE);
  private static final Map<DType, Set<DType>> STATES = Map.of(
      DType.FLOAT32, new TreeSet<>(Set.of(DType.FLOAT32, DType.BFLOAT16)), DType.FLOAT64, WIDE);
  private static final Map<DType, Set<Master>> MASTERS = Map.of(
      DType.FLOAT32, Set.of(Master.NONE), DType.FLOAT64, Set.of(Master.NONE), DType.FLOAT16, Set.of(Master.FLOAT32),
      DType.BFLOAT16, new TreeSet<>(Set.of(Master.NONE, Master.REMAINDER)));

  private static <T> void check(String values, Set<T> possible, T given, String role) {
    if (!possible.contains(given)) {
      throw new SettingException(possible.isEmpty()
          ? values + " are not numbers that a step updates; use a floating-point type"
          : values + " take " + role + " of " + possible.stream().map(Object::toString).collect(Collectors.joining(" or "))
              + ", not of " + given + ": see Precision");
    }
  }

  /** All of one type that is as wide as the arithmetic. */
  public static Storage of(DType type) {
    return new Storage(type, type, type, Master.NONE);
  }

  /** T, the type of the arithmetic. */
  public DType arithmetic() {
    return value.arithmetic();
  }

  /** The type of a state tensor. */
  public DType type(Slot slot) {
    return switch (slot) {
      case VELOCITY, RATE, WEIGHT, MEAN, SQUARE, PREVIOUS -> state;
      case NOISE -> arithmetic();
      case REMAINDER -> DType.UINT16;
      case MASTER -> DType.FLOAT32;
      case LOG_RATE, PEAK, AVERAGED, EVIDENCE -> DType.FLOAT64;
    };
  }

  /** The slot of the master; null where there is none. */
  public Slot masterSlot() {
    return switch (master) {
      case REMAINDER -> Slot.REMAINDER;
      case FLOAT32 -> Slot.MASTER;
      case NONE, AUTO -> null;
    };
  }

  /** Whether any of it is kept in fewer bits than it is computed in. */
  public boolean narrow() {
    return value != arithmetic() || gradient != arithmetic() || state != arithmetic();
  }

  /** Whether state is rounded by random bits. */
  public boolean roundsState() {
    return state != arithmetic();
  }

  /** Whether values are rounded by random bits. */
  public boolean roundsValue() {
    return value != arithmetic() && master == Master.NONE;
  }

  /** This storage with state of another type. */
  public Storage withState(DType state) {
    return new Storage(value, gradient, state, master);
  }
}
