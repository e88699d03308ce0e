package io.nlar.spark;

import java.util.List;
import java.util.Map;

/**
 * What training has come to.
 *
 * @param parameters the trained parameters by name, in order of registration; under {@link io.nlar.ScheduleFree} those to
 *     {@linkplain io.nlar.Step#evaluate evaluate}
 * @param losses the average loss of every step, also of steps before a restart
 * @param applied steps that were applied
 * @param skipped steps that were skipped for gradients that are not finite
 * @param resumedAt the step that the workers last began with: 0, or that of a checkpoint
 * @param workers what each worker held and did
 */
public record TrainingResult(Map<String, float[]> parameters, double[] losses, long applied, long skipped, long resumedAt,
    List<WorkerReport> workers) {}
