/**
 * Who races against whom: Nlar's step in its variants, the yardsticks of a device (the same memory traffic without
 * arithmetic, a plain copy, the step composed of single operations) and peers. An
 * {@link io.nlar.bench.contest.Entrant} says what it would cost before it is opened as a
 * {@link io.nlar.bench.harness.Contestant}.
 */
package io.nlar.bench.contest;
