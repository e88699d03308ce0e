package io.nlar.cpu.generator;

import com.sun.source.tree.Tree;
import java.util.Map;
import java.util.TreeMap;

/** Writes rules on vectors of the Vector API. */
class VectorEmitter extends Emitter {
  private final Element element;
  private final Map<String, String> constants = new TreeMap<>();

  VectorEmitter(RuleSource source, Element element, String indent) {
    super(source, indent);
    this.element = element;
  }

  /** Names and values of the numbers that occur. */
  Map<String, String> constants() {
    return constants;
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
