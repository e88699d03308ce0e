package io.nlar.testkit.contract;

import io.nlar.testkit.ReferenceStep;

/** What a deliberately wrong {@link ReferenceDevice} does more than the reference step. */
interface Sabotage {
  /** Nothing: a right device. */
  Sabotage NONE = new Sabotage() {};

  /** After the sums were formed. */
  default void afterReduce(ReferenceStep step) {}

  /** After an update. */
  default void afterApply(ReferenceStep step) {}

  /** Before a buffer, of the user's or of a state, is written from the host. */
  default void beforeWrite() {}

  /** When a buffer is released. */
  default void onBufferRelease() {}

  /** When the device is released. */
  default void onDeviceRelease() {}
}
