package io.nlar.spi;

import io.nlar.DType;
import io.nlar.Slot;

/**
 * One state tensor of a parameter, as engines lay it out.
 *
 * @param slot its name
 * @param type its element type
 * @param start what every element is set to at first, rounded to the type; noise is drawn instead
 */
public record SlotPlan(Slot slot, DType type, double start) {}
