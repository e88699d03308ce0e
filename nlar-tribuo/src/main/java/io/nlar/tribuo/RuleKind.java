package io.nlar.tribuo;

import io.nlar.AdamW;
import io.nlar.Estimator;
import io.nlar.Rule;

/** The {@link Rule}s by name, as Tribuo's configuration files say them. */
public enum RuleKind {
  /** {@link Estimator.Nlarcm}. */
  NLARCM,
  /** {@link Estimator.Nlarsm}. */
  NLARSM,
  /** {@link Estimator.Nlarpm}. */
  NLARPM,
  /** {@link Estimator.Nlarbb}. */
  NLARBB,
  /** {@link AdamW}. */
  ADAMW;

  static RuleKind of(Rule rule) {
    return switch (rule) {
      case Estimator.Nlarcm r -> NLARCM;
      case Estimator.Nlarsm r -> NLARSM;
      case Estimator.Nlarpm r -> NLARPM;
      case Estimator.Nlarbb r -> NLARBB;
      case AdamW r -> ADAMW;
    };
  }
}
