/** Yardsticks on the CPU: the step's memory traffic without arithmetic, a plain copy, and the unfused step. */
package io.nlar.bench.cpu;
