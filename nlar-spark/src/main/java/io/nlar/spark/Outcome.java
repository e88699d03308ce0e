package io.nlar.spark;

import java.io.Serializable;

/**
 * What a worker hands back.
 *
 * @param values its share of the parameters
 * @param losses of all steps; of the first worker only
 */
record Outcome(float[] values, double[] losses, long applied, long skipped, long resumedAt, WorkerReport report)
    implements Serializable {}
