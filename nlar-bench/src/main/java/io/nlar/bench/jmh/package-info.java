/** JMH microbenchmarks of what interleaving is not needed for: launches, small steps, allocation. */
package io.nlar.bench.jmh;
