/**
 * The OpenCL backend. {@link io.nlar.opencl.OpenClBackend} is found through {@link io.nlar.Backends};
 * {@link io.nlar.opencl.OpenCl} and {@link io.nlar.opencl.OpenClDevice} take a caller's own context, queue and memory
 * objects. The kernels lie beside this package as {@code .cl} resources.
 *
 * <p>A step is at most two kernel launches, reduce and apply, where values and gradients lie in up to eight memory
 * objects each; further memory objects take further launches, enqueued without a wait in between. The sums, the skip
 * decision and the step counter stay on the device: the last work-group of a launch does what needs all of them.
 */
package io.nlar.opencl;
