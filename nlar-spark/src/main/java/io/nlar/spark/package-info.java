/**
 * Data-parallel training on Apache Spark: {@link io.nlar.spark.SparkTraining}.
 *
 * <p>Spark schedules the workers as one barrier stage, restarts them, ships the initial parameters, carries gradients and values
 * from worker to worker by its transport, and reaches the file system of the checkpoints. The optimizer's state is divided
 * among the workers; the bits of a run depend on its micro-batches, not on how many workers share them.
 */
package io.nlar.spark;
