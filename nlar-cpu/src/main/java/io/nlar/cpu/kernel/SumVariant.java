package io.nlar.cpu.kernel;

import io.nlar.DType;
import java.lang.foreign.MemorySegment;

/**
 * What a sum kernel is specialised to.
 *
 * @param type the element type
 * @param vectorBits width of its vectors of doubles; 0 for the scalar kernel
 * @param squares whether elements are squared before they are added
 * @param memory the class of the memory with the elements, as {@link Memory#forKernels} gives it
 */
public record SumVariant(DType type, int vectorBits, boolean squares, Class<? extends MemorySegment> memory) {}
