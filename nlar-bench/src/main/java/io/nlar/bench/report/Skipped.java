package io.nlar.bench.report;

/**
 * Who did not take part.
 *
 * @param name the entrant
 * @param reason why, in one sentence
 */
public record Skipped(String name, String reason) {}
