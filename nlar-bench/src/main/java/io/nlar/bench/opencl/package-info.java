/** Yardsticks on OpenCL devices: the step's memory traffic without arithmetic, and the driver's own copy. */
package io.nlar.bench.opencl;
