/** {@code ./nlar spark-train}: experiments on a cluster, compared with the same training in one process. */
package io.nlar.spark.train;
