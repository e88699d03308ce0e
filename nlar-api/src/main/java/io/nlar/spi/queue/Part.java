package io.nlar.spi.queue;

import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * What a launch works on: consecutive entries of the table of chunks.
 *
 * @param first the first entry's number
 * @param chunks how many entries; 0 for a launch that only ends a step
 * @param values the memory with values, in the order in which the tensors' flags count
 * @param gradients the same of gradients
 * @param slots the memory with the state, in the order of the kernel's slots; empty for a reduction
 * @param elements elements of a chunk, by its number within the part
 */
public record Part(int first, int chunks, List<DeviceMemory> values, List<DeviceMemory> gradients,
    List<DeviceMemory> slots, IntUnaryOperator elements) {}
