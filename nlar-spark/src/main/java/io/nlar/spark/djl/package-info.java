/** Models of the Deep Java Library trained on Apache Spark: {@link io.nlar.spark.djl.DjlGradients}. */
package io.nlar.spark.djl;
