package io.nlar.cpu.generator;

import com.sun.source.tree.Tree;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Writes rules on vectors of the Vector API. */
class VectorEmitter extends Emitter {
  private final Element element;
  private final Map<String, String> constants = new TreeMap<>();
  private final Set<String> divisors = new LinkedHashSet<>();

  VectorEmitter(RuleSource source, Element element, String indent) {
    super(source, indent);
    this.element = element;
  }

  /** Names and values of the numbers that occur. */
  Map<String, String> constants() {
    return constants;
  }

  /** Scalars that roots are divided by: of each what is {@link #negated} and its {@link #reciprocal} are used. */
  Set<String> divisors() {
    return divisors;
  }

  static String negated(String scalar) {
    return scalar + "Negated";
  }

  static String reciprocal(String scalar) {
    return scalar + "Reciprocal";
  }

  @Override
  String realType() {
    return element.vector();
  }

  @Override
  String maskType() {
    return "VectorMask<" + element.boxed() + ">";
  }

  @Override
  String literal(Object value) {
    String name = switch (value.toString()) {
      case "0" -> "zero";
      case "1" -> "one";
      default -> "number" + Double.toHexString(((Number) value).doubleValue()).replaceAll("[^0-9a-z]", "");
    };
    constants.put(name, element.literal(value));
    return name;
  }

  @Override
  Code operation(Tree.Kind operator, Code left, Code right, Kind kind) {
    String method = switch (operator) {
      case PLUS -> "add";
      case MINUS -> "sub";
      case MULTIPLY -> "mul";
      case DIVIDE -> "div";
      case LESS_THAN -> "lt";
      case EQUAL_TO -> "eq";
      case CONDITIONAL_AND -> "and";
      default -> "or";
    };
    return new Code(left.operand() + "." + method + "(" + right.text() + ")", kind, true);
  }

  /**
   * By the divisor's reciprocal and what that quotient leaves over: the same bits as by a division, in less time (docs/numerics.md,
   * "A root over a scalar"). What an infinite root leaves over is no number.
   */
  @Override
  Code rootOverScalar(Code root, String scalar) {
    if (!divisors.add(scalar)) {
      throw new IllegalArgumentException("two roots over " + scalar + " in one rule");
    }
    constants.put("infinity", element.boxed() + ".POSITIVE_INFINITY");
    String dividend = scalar + "Dividend";
    String near = scalar + "Near";
    line(realType() + " " + dividend + " = " + root.text() + ";");
    line(realType() + " " + near + " = " + dividend + ".mul(" + reciprocal(scalar) + ");");
    return new Code(near + ".fma(" + negated(scalar) + ", " + dividend + ").fma(" + reciprocal(scalar) + ", " + near + ").blend("
        + near + ", " + near + ".eq(infinity))", Kind.REAL, true);
  }

  @Override
  Code blend(Code condition, Code yes, Code no) {
    return new Code(no.operand() + ".blend(" + yes.text() + ", " + condition.text() + ")", Kind.REAL, true);
  }

  @Override
  String negative(String operand) {
    return operand + ".neg()";
  }

  @Override
  String not(String operand) {
    return operand + ".not()";
  }

  @Override
  String function(String name, String argument) {
    return argument + "." + name + "()";
  }

  @Override
  String load(String slot) {
    return element.vector() + ".fromMemorySegment(SPECIES, " + Slots.memory(slot) + ", " + Slots.address(slot)
        + " + at, ORDER)";
  }

  @Override
  String store(String slot, String value) {
    return value + ".intoMemorySegment(" + Slots.memory(slot) + ", " + Slots.address(slot) + " + at, ORDER)";
  }

  @Override
  String any(String condition) {
    return condition + ".anyTrue()";
  }

  @Override
  String partly(String name, String value, String condition) {
    return name + ".blend(" + value + ", " + condition + ")";
  }
}
