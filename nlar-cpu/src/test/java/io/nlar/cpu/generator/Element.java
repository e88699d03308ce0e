package io.nlar.cpu.generator;

import java.util.List;
import java.util.Locale;

/** An element type that kernels are made for. */
enum Element {
  FLOAT("Float", "Float", "float", "f", "float32"),
  DOUBLE("Double", "Double", "double", "", "float64"),
  /** What is kept in 16 bits and computed in float32. */
  PACKED("Packed", "Short", "short", "", "bfloat16");

  /** The types that rules compute in. */
  static final List<Element> COMPUTED = List.of(FLOAT, DOUBLE);

  private final String kernels;
  private final String boxed;
  private final String primitive;
  private final String suffix;
  private final String text;

  Element(String kernels, String boxed, String primitive, String suffix, String text) {
    this.kernels = kernels;
    this.boxed = boxed;
    this.primitive = primitive;
    this.suffix = suffix;
    this.text = text;
  }

  /** Its part of kernels' names. */
  String kernels() {
    return kernels;
  }

  /** Its name for people. */
  String text() {
    return text;
  }

  String boxed() {
    return boxed;
  }

  String primitive() {
    return primitive;
  }

  /** The class of vectors, and what kernels on vectors are called. */
  String vector() {
    return kernels + "Vector";
  }

  /** The memory layout of an element. */
  String layout() {
    return "ValueLayout.JAVA_" + boxed.toUpperCase(Locale.ROOT) + "_UNALIGNED";
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
