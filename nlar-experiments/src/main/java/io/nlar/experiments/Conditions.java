package io.nlar.experiments;

import io.nlar.DType;
import io.nlar.Device;

/**
 * What all runs of a campaign have in common.
 *
 * @param type of the weights
 * @param device of the library's step
 * @param variation what varies beside optimizer, rate and seed
 * @param examples how many to learn from at most
 * @param tests how many to test on at most
 */
record Conditions(DType type, Device device, Variation variation, int examples, int tests) {
  /** All examples are learned from and tested on. */
  Conditions(DType type, Device device, Variation variation) {
    this(type, device, variation, CampaignOptions.ALL, CampaignOptions.ALL);
  }
}
