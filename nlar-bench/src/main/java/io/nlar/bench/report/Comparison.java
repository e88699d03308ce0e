package io.nlar.bench.report;

import io.nlar.bench.harness.Interval;

/**
 * Two entrants of a race, compared.
 *
 * @param of the one
 * @param to the one that it is compared with
 * @param time time of the one as a multiple of the other's
 * @param timePerByte the same for a byte moved
 */
public record Comparison(String of, String to, Interval time, Interval timePerByte) {}
