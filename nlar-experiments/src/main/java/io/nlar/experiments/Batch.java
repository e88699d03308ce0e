package io.nlar.experiments;

import ai.djl.ndarray.NDArray;

/**
 * Examples as a network takes them.
 *
 * @param inputs the first dimension is over the examples
 * @param targets what the outputs are compared with
 * @param scored over how much the {@link Objective} averages: images, characters, rows
 */
record Batch(NDArray inputs, NDArray targets, long scored) {}
