package io.nlar.cpu.generator;

import com.sun.source.tree.Tree;

/** Writes rules one element at a time. */
class ScalarEmitter extends Emitter {
  private final Element element;

  ScalarEmitter(RuleSource source, Element element, String indent) {
    super(source, indent);
    this.element = element;
  }

  @Override
  String realType() {
    return element.primitive();
  }

  @Override
  String maskType() {
    return "boolean";
  }

  @Override
  String literal(Object value) {
    return element.literal(value);
  }

  @Override
  Code operation(Tree.Kind operator, Code left, Code right, Kind kind) {
    String sign = switch (operator) {
      case PLUS -> "+";
      case MINUS -> "-";
      case MULTIPLY -> "*";
      case DIVIDE -> "/";
      case LESS_THAN -> "<";
      case EQUAL_TO -> "==";
      case CONDITIONAL_AND -> "&&";
      default -> "||";
    };
    return new Code(left.operand() + " " + sign + " " + right.operand(), kind, false);
  }

  @Override
  Code blend(Code condition, Code yes, Code no) {
    return new Code(condition.operand() + " ? " + yes.operand() + " : " + no.operand(), Kind.REAL, false);
  }

  @Override
  String negative(String operand) {
    return "-" + operand;
  }

  @Override
  String not(String operand) {
    return "!" + operand;
  }

  @Override
  String function(String name, String argument) {
    return (name.equals("sqrt") && element == Element.FLOAT ? "(float) " : "") + "Math." + name + "("
        + argument.replaceAll("^\\((.*)\\)$", "$1") + ")";
  }

  @Override
  String load(String slot) {
    return Slots.memory(slot) + ".get(" + element.layout() + ", " + Slots.address(slot) + " + at)";
  }

  @Override
  String store(String slot, String value) {
    return Slots.memory(slot) + ".set(" + element.layout() + ", " + Slots.address(slot) + " + at, "
        + value.replaceAll("^\\((.*)\\)$", "$1") + ")";
  }

  @Override
  String any(String condition) {
    return condition;
  }

  @Override
  String partly(String name, String value, String condition) {
    return value;
  }
}
