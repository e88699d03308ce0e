package io.nlar.tribuo;

import io.nlar.Noise;

/** The kinds of {@link Noise}, as Tribuo's configuration files say them. */
public enum NoiseKind {
  /** {@link Noise.None}. */
  NONE,
  /** {@link Noise.Frozen}. */
  FROZEN,
  /** {@link Noise.Fresh}. */
  FRESH;

  static NoiseKind of(Noise noise) {
    return switch (noise) {
      case Noise.None n -> NONE;
      case Noise.Frozen n -> FROZEN;
      case Noise.Fresh n -> FRESH;
    };
  }

  Noise with(long seed, Noise.Distribution distribution) {
    return switch (this) {
      case NONE -> new Noise.None();
      case FROZEN -> new Noise.Frozen(seed, distribution);
      case FRESH -> new Noise.Fresh(seed, distribution);
    };
  }
}
