/**
 * Nlar as a gradient optimiser of Tribuo: {@link io.nlar.tribuo.NlarOptimiser}.
 *
 * <p>All tensors of a model are one {@link io.nlar.Step}, in float64, as Tribuo keeps them.
 */
package io.nlar.tribuo;
