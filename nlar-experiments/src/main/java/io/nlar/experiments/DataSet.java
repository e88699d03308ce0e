package io.nlar.experiments;

import java.io.Serializable;

/**
 * Training and test images.
 *
 * @param source where they come from, for people
 */
public record DataSet(ImageSet training, ImageSet test, String source) implements Serializable {}
