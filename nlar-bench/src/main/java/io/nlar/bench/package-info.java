/**
 * The commands {@code bench} and {@code jmh}. Each package knows only those before it: {@code harness} times contestants;
 * {@code contest} has what all of them share, and Nlar's own; {@code cpu}, {@code cuda} and {@code opencl} have the
 * yardsticks of their devices, {@code peer} other programs; {@code report} runs races and shows what they came to;
 * {@code command} puts them together. {@code jmh} knows {@code contest} only.
 */
package io.nlar.bench;
