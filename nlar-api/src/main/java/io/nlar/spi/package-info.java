/**
 * What the author of a backend implements: {@link io.nlar.spi.Backend} (found by {@link java.util.ServiceLoader}), a device
 * and a buffer, whose bases are in {@code io.nlar.spi.device}, and {@link io.nlar.spi.StepEngine} or, for devices with a
 * queue, what {@code io.nlar.spi.queue} asks for. Checks, lifetimes, serialisation, state files and statistics are done once,
 * above these, for every backend.
 *
 * <p>A backend is right when it passes the contract suite of nlar-testkit: the same bits as the scalar reference.
 */
package io.nlar.spi;
