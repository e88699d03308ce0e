package io.nlar.spark;

import java.io.Serializable;

/**
 * What one worker held and did, since it was last started.
 *
 * @param worker its number, from 0
 * @param elements how many elements of the parameters it updates
 * @param stateBytes bytes of state that it keeps
 * @param peakHeap the highest sum of its Java process's heap pools, in bytes; workers of one process share it
 * @param steps steps that it made; those before the checkpoint that it began with are not counted
 * @param times where their time went
 */
public record WorkerReport(int worker, long elements, long stateBytes, long peakHeap, long steps, StepTimes times)
    implements Serializable {}
