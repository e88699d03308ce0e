package io.nlar.cpu.kernel;

/** The scalars of one step and group, all of them rounded to the element type. Names as in docs/numerics.md. */
public final class ApplyScalars {
  /** c, under norm scalings and none. */
  public double coefficient;
  /** s, under element-wise scalings. */
  public double gradientScale;
  /** k, under element-wise scalings. */
  public double rateFactor;
  /** b, under element-wise scalings. */
  public double bound;
  /** Nlarsm's lower clip. */
  public double lowerClip;
  /** The magnitude below which Nlarcm and Nlarpm take a gradient for 0. */
  public double flushBelow;
  /** λ. */
  public double learningRate;
  /** The base of γ. */
  public double rateBase;
  /** Q0. */
  public double initialWeight;
  /** σ. */
  public double noiseScale;
  /** μ. */
  public double momentum;
  /** κ. */
  public double decay;
  /** δλk. */
  public double weightDecay;

  /** Takes over all numbers of {@code other}. */
  public void set(ApplyScalars other) {
    coefficient = other.coefficient;
    gradientScale = other.gradientScale;
    rateFactor = other.rateFactor;
    bound = other.bound;
    lowerClip = other.lowerClip;
    flushBelow = other.flushBelow;
    learningRate = other.learningRate;
    rateBase = other.rateBase;
    initialWeight = other.initialWeight;
    noiseScale = other.noiseScale;
    momentum = other.momentum;
    decay = other.decay;
    weightDecay = other.weightDecay;
  }
}
