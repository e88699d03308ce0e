package io.nlar.spark;

import java.io.Serializable;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What all workers are told.
 *
 * @param run names this run among others that write to the same folder
 * @param steps how many steps there are
 * @param microBatches how many micro-batches a step has
 * @param schedule factors for each step
 * @param folder of checkpoints; null: none are written
 * @param every steps from one checkpoint to the next
 * @param keep how many of the latest checkpoints are kept
 * @param hadoop settings of the folder's file system
 */
record Plan(Layout layout, GradientSource source, String run, long steps, int microBatches, RateSchedule schedule, String folder,
    long every, int keep, SerializableConfiguration hadoop) implements Serializable {}
