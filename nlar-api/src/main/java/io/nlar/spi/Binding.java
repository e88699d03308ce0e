package io.nlar.spi;

/**
 * A parameter and its buffers, of the engine's own device and checked against the plan.
 *
 * @param tensor the parameter
 * @param value θ
 * @param gradient g; null: the step leaves the parameter alone, and its sum of squares is +0
 * @param zeroGradient whether the step sets the gradient to 0 afterwards
 */
public record Binding(TensorPlan tensor, EngineBuffer value, EngineBuffer gradient, boolean zeroGradient) {}
