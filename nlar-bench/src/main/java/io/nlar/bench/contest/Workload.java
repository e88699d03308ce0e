package io.nlar.bench.contest;

import io.nlar.DType;
import io.nlar.DeviceInfo;

/**
 * What all entrants of one race work on.
 *
 * @param device where
 * @param type the element type
 * @param size number of parameters in all
 * @param threads threads that CPU contestants use, the caller included
 */
public record Workload(DeviceInfo device, DType type, long size, int threads) {

  /** Bytes of one array of all parameters. */
  public long arrayBytes() {
    return Math.multiplyExact(size, (long) type.bytes());
  }
}
