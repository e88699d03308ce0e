/**
 * What backends are measured by: the {@linkplain io.nlar.testkit.ReferenceStep plain scalar reference step}, the
 * {@linkplain io.nlar.testkit.Traces recorded runs of the published optimizers}, and the comparisons of a device with
 * both. No JUnit here; the test-jar of this module holds the contract suite that every backend extends.
 */
package io.nlar.testkit;
