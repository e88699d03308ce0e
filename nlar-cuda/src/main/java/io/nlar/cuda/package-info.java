/**
 * The CUDA backend: hand-written kernels (resources {@code kernels/*.cu}), run from PTX through JCuda's driver API;
 * only the NVIDIA driver is needed at run time. {@link io.nlar.cuda.Cuda} opens a device on the caller's stream.
 *
 * <p>Layers: {@code CudaKernels} (kernels, their arguments and how work is cut) and {@code CudaDevice} know nothing of
 * JCuda. They work through {@code Driver}, which JCuda implements here; the tests implement it by kernels compiled for the
 * host and by an interpreter of the PTX, so that all but the thin driver layer is executed on machines without a GPU.
 */
package io.nlar.cuda;
