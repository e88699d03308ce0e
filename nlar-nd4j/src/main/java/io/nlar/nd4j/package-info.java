/**
 * Nlar as an updater of ND4J: {@link io.nlar.nd4j.NlarUpdater}.
 *
 * <p>ND4J's updaters write the update over the gradient, which is subtracted from the parameters afterwards.
 */
package io.nlar.nd4j;
