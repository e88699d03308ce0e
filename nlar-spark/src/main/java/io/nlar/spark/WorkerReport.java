package io.nlar.spark;

import java.io.Serializable;

/**
 * What one worker held and did, since it was last started.
 *
 * @param worker its number, from 0
 * @param elements how many elements of the parameters it updates
 * @param stateBytes bytes of state that it keeps
 * @param peakHeap the highest sum of its Java process's heap pools, in bytes; workers of one process share it
 * @param peakResident the most bytes that the process had in memory, heap and all else, since it began; 0 where the system does not tell
 * @param nativeBytes bytes that the process had committed outside its heap when training ended, by Java's own tracking; 0 unless the
 *     executor's Java was started with {@code -XX:NativeMemoryTracking=summary}
 * @param steps steps that it made; those before the checkpoint that it began with are not counted
 * @param times where their time went
 */
public record WorkerReport(int worker, long elements, long stateBytes, long peakHeap, long peakResident, long nativeBytes, long steps,
    StepTimes times) implements Serializable {}
