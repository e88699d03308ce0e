package io.nlar.internal;

import io.nlar.Control;
import io.nlar.spi.EngineBuffer;
import java.lang.foreign.MemorySegment;

/** A host copy of a step's control block. */
final class HostBlock {
  private final EngineBuffer device;
  private final double[] values = new double[Control.LENGTH];

  HostBlock(EngineBuffer device) {
    this.device = device;
  }

  void load() {
    device.copyTo(MemorySegment.ofArray(values));
  }

  void store() {
    device.copyFrom(MemorySegment.ofArray(values));
  }

  double get(Control element) {
    return values[element.ordinal()];
  }

  void set(Control element, double value) {
    values[element.ordinal()] = value;
  }
}
