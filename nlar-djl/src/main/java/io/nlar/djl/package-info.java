/**
 * Nlar as an optimizer of the Deep Java Library: {@link io.nlar.djl.NlarOptimizer}.
 *
 * <p>The whole model is one {@link io.nlar.Step}, on the tensors' own memory where that is possible.
 */
package io.nlar.djl;
