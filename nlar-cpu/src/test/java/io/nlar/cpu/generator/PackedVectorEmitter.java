package io.nlar.cpu.generator;

/** Writes rules on one of the two vectors of a packed kernel, whose frame loads and stores. */
final class PackedVectorEmitter extends VectorEmitter {
  private final String half;

  /** The rule on the vector of even or odd elements, which {@code half} names. */
  PackedVectorEmitter(RuleSource source, String half) {
    super(source, Element.FLOAT, "        ");
    this.half = half;
  }

  @Override
  String load(String slot) {
    return Slots.variable(slot) + half;
  }

  @Override
  String store(String slot, String value) {
    return Slots.storedByFrame(slot) ? "" : load(slot) + " = " + value;
  }
}
