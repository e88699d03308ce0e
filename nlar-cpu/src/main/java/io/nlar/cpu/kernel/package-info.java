/**
 * The CPU's kernels. Rules and templates are in src/kernels, the kernels made of them in src/generated. A kernel is loaded
 * once per variant as a hidden class, so that its flags are constants to the JIT compiler and no two variants share a
 * type profile.
 */
package io.nlar.cpu.kernel;
