package io.nlar.experiments;

/**
 * Training and test images.
 *
 * @param source where they come from, for people
 */
record DataSet(ImageSet training, ImageSet test, String source) {}
