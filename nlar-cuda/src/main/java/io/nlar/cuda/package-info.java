/**
 * The CUDA backend: hand-written kernels (resources {@code kernels/*.cu}), run from PTX through JCuda's driver API;
 * only the NVIDIA driver is needed at run time. {@link io.nlar.cuda.Cuda} opens a device on the caller's stream.
 *
 * <p>Layers: {@code CudaEngine} and the tables it lays out in device memory ({@code TensorTable}, {@code ChunkTable},
 * {@code GroupTable}, {@code SumTree}) know nothing of JCuda. They work through {@code Driver}, which JCuda implements
 * here; the tests implement it by kernels compiled for the host, so that all but the thin driver layer is executed on
 * machines without a GPU.
 */
package io.nlar.cuda;
