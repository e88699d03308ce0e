/**
 * The CPU kernels. There is one source of each kernel, {@link io.nlar.cpu.kernel.FloatVectorApply} and
 * {@link io.nlar.cpu.kernel.FloatVectorSums}, for float32 on the Vector API; the build derives the float64 kernels and
 * the scalar ones from it by replacing type names (see the pom). A kernel is loaded once per variant as a hidden class,
 * so that its flags are constants to the JIT compiler and no two variants share a type profile.
 */
package io.nlar.cpu.kernel;
