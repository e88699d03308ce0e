package io.nlar.testkit;

import io.nlar.AdamW;
import io.nlar.Estimator;
import io.nlar.Lion;
import io.nlar.Nlarsf;
import io.nlar.ScheduleFree;
import io.nlar.StepConfig;
import io.nlar.Storage;

/**
 * A rule's update of one element, operation by operation as docs/numerics.md lists them. Set θ and the state, call
 * {@link #update}, read them back.
 */
abstract class ReferenceRule {
  /** θ, already less what weight decay takes. */
  double theta;

  /** The element's slots, in the order of {@link io.nlar.Rule#slots}. */
  final double[] state;

  /** The operations of the element type. */
  final Arithmetic T;

  ReferenceRule(StepConfig config, Arithmetic arithmetic) {
    this.state = new double[config.rule().slots(config).size()];
    this.T = arithmetic;
  }

  /** The rule of a group's settings in step t with rate factor k, over so many elements in all. */
  static ReferenceRule of(StepConfig config, Storage storage, long t, double k, long elements) {
    Arithmetic arithmetic = Arithmetic.of(storage.arithmetic());
    return switch (config.rule()) {
      case Estimator e -> new ReferenceNlar(e, config, arithmetic, t, storage.roundsState());
      case AdamW a -> new ReferenceAdamW(a, config, arithmetic, t, k);
      case Lion l -> new ReferenceLion(l, config, arithmetic, k);
      case ScheduleFree s -> new ReferenceAveraged(config, arithmetic, t, k, elements);
      case Nlarsf n -> new ReferenceAveraged(config, arithmetic, t, k, elements);
    };
  }

  /** Starts what is kept of a whole parameter. */
  void start(ReferenceTensor tensor) {}

  /** Goes before the elements of a parameter. */
  void begin(ReferenceTensor tensor) {}

  /** Goes after them. */
  void end(ReferenceTensor tensor) {}

  /** One step with the scaled gradient f0 and noise ε; ε is not looked at without noise. */
  abstract void update(double f0, double epsilon);

  /** What slot {@code slot} starts at, unrounded. */
  abstract double start(int slot);

  /** The learning rate of an element whose state is {@link #state}. */
  abstract double learningRate();
}
