package io.nlar.cpu.generator;

/** Writes rules one element at a time, in a frame that loads and stores. */
final class PackedScalarEmitter extends ScalarEmitter {

  PackedScalarEmitter(RuleSource source) {
    super(source, Element.FLOAT, "      ");
  }

  @Override
  String load(String slot) {
    return Slots.variable(slot);
  }

  @Override
  String store(String slot, String value) {
    return Slots.storedByFrame(slot) ? "" : load(slot) + " = " + value.replaceAll("^\\((.*)\\)$", "$1");
  }
}
