/**
 * What the author of a backend implements: {@link io.nlar.spi.Backend} (found by {@link java.util.ServiceLoader}),
 * {@link io.nlar.spi.AbstractDevice}, {@link io.nlar.spi.AbstractBuffer} and {@link io.nlar.spi.StepEngine}. Checks,
 * lifetimes, serialisation, state files and statistics are done once, above these, for every backend.
 *
 * <p>A backend is right when it passes the contract suite of nlar-testkit: the same bits as the scalar reference.
 */
package io.nlar.spi;
