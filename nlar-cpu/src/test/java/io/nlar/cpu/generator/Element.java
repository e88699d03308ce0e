package io.nlar.cpu.generator;

/** An element type that kernels are made for. */
enum Element {
  FLOAT("Float", "float", "f"),
  DOUBLE("Double", "double", "");

  private final String boxed;
  private final String primitive;
  private final String suffix;

  Element(String boxed, String primitive, String suffix) {
    this.boxed = boxed;
    this.primitive = primitive;
    this.suffix = suffix;
  }

  String boxed() {
    return boxed;
  }

  String primitive() {
    return primitive;
  }

  /** The class of vectors. */
  String vector() {
    return boxed + "Vector";
  }

  /** The memory layout of an element. */
  String layout() {
    return "ValueLayout.JAVA_" + name() + "_UNALIGNED";
  }

  /** A number in Java. */
  String literal(Object value) {
    return value instanceof Integer ? value.toString()
        : Double.toHexString(((Number) value).doubleValue()).replace("0x1.0p", "0x1p") + suffix;
  }

  /** A binary64 variable as an element. */
  String narrowed(String expression) {
    return this == FLOAT ? "(float) " + expression : expression;
  }
}
