package io.nlar.spi;

/**
 * The buffers of one parameter, of the engine's own device and checked against the plan.
 *
 * @param value θ
 * @param gradient g; null: the step leaves the parameter alone, and its sum of squares is +0
 * @param zeroGradient whether the step sets the gradient to 0 afterwards
 */
public record Binding(AbstractBuffer value, AbstractBuffer gradient, boolean zeroGradient) {}
