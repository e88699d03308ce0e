package io.nlar.djl;

import ai.djl.ndarray.NDArray;

/**
 * A trainable tensor.
 *
 * @param name unique within the model
 * @param array its values
 */
record NamedArray(String name, NDArray array) {}
