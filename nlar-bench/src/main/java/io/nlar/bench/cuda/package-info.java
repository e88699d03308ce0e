/**
 * Yardsticks on CUDA devices: the step's memory traffic without arithmetic, the driver's copy, and the unfused step of
 * cuBLAS calls. They work in the GPU's primary context, where Nlar's buffers are, on the default stream.
 */
package io.nlar.bench.cuda;
