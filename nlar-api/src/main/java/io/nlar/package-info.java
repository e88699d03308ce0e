/**
 * What users of Nlar see: settings ({@link io.nlar.StepConfig}), devices ({@link io.nlar.Backends},
 * {@link io.nlar.Device}, {@link io.nlar.Buffer}) and the compiled {@link io.nlar.Step}.
 *
 * <p>The shortest way in is {@link io.nlar.ArrayStep}, which works on Java arrays. All failures are a
 * {@link io.nlar.NlarException}. Formulas are those of docs/numerics.md; the model is that of arXiv 2410.09943.
 */
package io.nlar;
