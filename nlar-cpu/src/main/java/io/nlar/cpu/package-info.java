/**
 * The CPU backend: works in place on heap and native memory of the caller, with a team of threads per device.
 *
 * <p>System properties: {@code nlar.cpu.threads} (how many threads work on a step, the caller included; default: all
 * processors) and {@code nlar.cpu.vector} ({@code scalar}, {@code 128}, {@code 256} or {@code 512}: which kernel, and how
 * wide; default: vectors of the width that the JVM prefers, where the module jdk.incubator.vector is there).
 */
package io.nlar.cpu;
