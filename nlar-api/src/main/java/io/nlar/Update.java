package io.nlar;

import java.util.Objects;

/**
 * What a step would do to a value, left to the caller to do: u − γf and the term of the weight decay are written down, and the
 * value stays (docs/numerics.md, "Updates"). For frameworks that add or subtract what an optimizer returns.
 *
 * <p>A step that skips writes zeros, since what it leaves there will be added; one that fails writes nothing, nor does a
 * parameter without a gradient. Values and gradients have 32 or 64 bits, and no narrow state.
 *
 * @param sign what the framework does with it
 * @param target where it is written, of the value's type and length; null: over the gradient
 */
public record Update(Sign sign, Buffer target) {
  public Update {
    Objects.requireNonNull(sign, "sign");
  }

  /** What a framework does with an update. */
  public enum Sign {
    /** It is added to the value. */
    ADDED,
    /** It is subtracted from the value: all signs are turned. */
    SUBTRACTED
  }

  /** An update to be added, over the gradient. */
  public static Update added() {
    return new Update(Sign.ADDED, null);
  }

  /** An update to be subtracted, over the gradient. */
  public static Update subtracted() {
    return new Update(Sign.SUBTRACTED, null);
  }

  /** This update in a buffer of its own. */
  public Update to(Buffer target) {
    return new Update(sign, Objects.requireNonNull(target, "target"));
  }
}
