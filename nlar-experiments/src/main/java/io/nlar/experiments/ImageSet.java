package io.nlar.experiments;

import java.io.Serializable;
import java.util.zip.CRC32C;

/**
 * Labelled images.
 *
 * @param pixels all images' pixels, one image after another, channel by channel and row by row, in
 *     {@code 0 … whitest}
 * @param labels class of each image, from 0
 * @param size values an image
 * @param whitest the value of a full pixel, 255 or 16
 */
public record ImageSet(byte[] pixels, byte[] labels, int size, int whitest) implements Serializable {
  /** A checksum over pixels and labels, by which data sets of the same size are told apart. */
  long checksum() {
    CRC32C checksum = new CRC32C();
    checksum.update(pixels);
    checksum.update(labels);
    return checksum.getValue();
  }

  /** How many images there are. */
  public int count() {
    return labels.length;
  }

  /** Writes images, scaled to 0 … 1, to {@code target}. */
  public void scaled(int[] indices, int from, int count, float[] target) {
    float factor = 1f / whitest;
    for (int i = 0; i < count; i++) {
      int start = indices[from + i] * size;
      int to = i * size;
      for (int j = 0; j < size; j++) {
        target[to + j] = (pixels[start + j] & 0xff) * factor;
      }
    }
  }
}
