package io.nlar.experiments;

/**
 * What is kept of one epoch of one run.
 *
 * @param run the run
 * @param epoch from 1
 * @param loss mean over the epoch's batches, without the L2 term; NaN or infinite where the run diverged, NaN also where
 *     nothing was learned yet
 * @param trainingScore over the epoch's batches as they came, by the experiment's {@link Measure}
 * @param testScore in the test after the epoch, by the same
 * @param forwardBackwardSeconds wall time of forward and backward passes, the L2 term included
 * @param stepSeconds wall time of the optimizer's steps, clipping included
 * @param lowerRate first quartile of the parameters' learning rates after the epoch
 * @param medianRate their median
 * @param upperRate their third quartile
 * @param diverged whether loss or test scores stopped being finite in this epoch, which then is the run's last
 */
record EpochRecord(RunKey run, int epoch, double loss, double trainingScore, double testScore,
    double forwardBackwardSeconds, double stepSeconds, double lowerRate, double medianRate, double upperRate,
    boolean diverged) {}
