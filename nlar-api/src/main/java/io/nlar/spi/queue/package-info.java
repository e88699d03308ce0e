/**
 * For devices that work through a queue: the engine that they share, with its tables, its sums and its state. A backend
 * adds a {@link io.nlar.spi.queue.Queue}, {@link io.nlar.spi.queue.Kernels}, and how devices are found and memory is wrapped.
 *
 * <pre>
 *   StepPlan, Bindings ──▶ QueueEngine ──▶ Schedule    which chunks each launch takes
 *                               │    ├───▶ SumTree     the shape of the sums
 *                               │    └───▶ StateLayout where state lies
 *                               ▼
 *                     Kernels.Reduction, Kernels.Update ──▶ Queue
 * </pre>
 */
package io.nlar.spi.queue;
