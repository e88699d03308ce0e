package io.nlar.tribuo;

import io.nlar.AdamW;
import io.nlar.Estimator;
import io.nlar.Lion;
import io.nlar.Nlarsf;
import io.nlar.Rule;
import io.nlar.ScheduleFree;
import io.nlar.SettingException;

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
  ADAMW,
  /** {@link AdamW} with Nesterov's momentum. */
  NADAMW,
  /** {@link Lion}. */
  LION;

  private static SettingException refused(Rule rule) {
    return new SettingException(rule.name() + " evaluates another value than the one that gradients are taken at, for which"
        + " Tribuo has no place: take another rule, or a step of the library itself");
  }

  static RuleKind of(Rule rule) {
    return switch (rule) {
      case Estimator.Nlarcm r -> NLARCM;
      case Estimator.Nlarsm r -> NLARSM;
      case Estimator.Nlarpm r -> NLARPM;
      case Estimator.Nlarbb r -> NLARBB;
      case AdamW r -> r.nesterov() ? NADAMW : ADAMW;
      case Lion r -> LION;
      case ScheduleFree r -> throw refused(r);
      case Nlarsf r -> throw refused(r);
    };
  }
}
