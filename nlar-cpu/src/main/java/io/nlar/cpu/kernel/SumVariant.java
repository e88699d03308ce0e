package io.nlar.cpu.kernel;

import io.nlar.DType;

/**
 * What a sum kernel is specialised to.
 *
 * @param type the element type
 * @param vectorBits width of its vectors of doubles; 0 for the scalar kernel
 * @param squares whether elements are squared before they are added
 * @param storage where elements lie
 */
public record SumVariant(DType type, int vectorBits, boolean squares, Storage storage) {}
