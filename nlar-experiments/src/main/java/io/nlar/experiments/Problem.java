package io.nlar.experiments;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * What is learned from batches of examples.
 *
 * @param network makes it, not initialised
 * @param input shape of a batch of so many examples
 * @param batch examples in a batch of training
 * @param testBatch in one of a test
 * @param penalty factor of Σw² over the weights in the loss
 * @param training examples to learn from
 * @param test examples to be tested on
 */
record Problem(Supplier<Block> network, LongFunction<Shape> input, int batch, int testBatch, Objective objective,
    double penalty, Examples training, Examples test) {}
