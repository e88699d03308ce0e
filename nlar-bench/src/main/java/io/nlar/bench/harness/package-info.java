/**
 * Times contestants against each other on one machine: in turns (A B C, C A B, …), so that what drifts on the machine
 * (clocks, heat, neighbours) meets all of them alike, and with ratios taken within a turn. No knowledge of optimizers.
 */
package io.nlar.bench.harness;
