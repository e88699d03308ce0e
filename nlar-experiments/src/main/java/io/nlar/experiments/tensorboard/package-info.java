/** Event files, as TensorBoard reads them: TensorFlow's protocol classes in TFRecords. */
package io.nlar.experiments.tensorboard;
