package io.nlar.cpu.generator;

import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionStatementTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.tree.VariableTree;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Writes a rule's statements as Java, on vectors or one element at a time. */
abstract class Emitter {

  /** What an expression is: an element, the answer of a comparison of elements, or a constant of the variant. */
  enum Kind { REAL, MASK, FLAG }

  /** An expression in Java. {@code simple} ones need no parentheses as operands. */
  record Code(String text, Kind kind, boolean simple) {
    String operand() {
      return simple ? text : "(" + text + ")";
    }
  }

  final RuleSource source;
  private final StringBuilder out = new StringBuilder();
  private final Map<String, Kind> locals = new HashMap<>();
  private final Set<String> usedScalars = new LinkedHashSet<>();
  private final Set<String> usedSlots = new LinkedHashSet<>();
  private final Set<String> loadedSlots = new HashSet<>();
  private String indent;
  /** Inside a block that some lanes run: its condition, and what is declared there. */
  private String mask;
  private Set<String> declaredInside = Set.of();
  private int masks;
  /** Constants on which the statement that is written depends. */
  private final Deque<String> flags = new ArrayDeque<>();
  private final Map<String, String> guards = new LinkedHashMap<>();

  Emitter(RuleSource source, String indent) {
    this.source = source;
    this.indent = indent;
  }

  /** The body of a method in Java. */
  String emit(String method) {
    block(source.body(method));
    return out.toString();
  }

  /** Scalars that were used, in the order of first use. */
  Set<String> usedScalars() {
    return usedScalars;
  }

  /** The rule's slots that were used. */
  Set<String> usedSlots() {
    return usedSlots;
  }

  /** The rule's slots that are loaded and stored, and the constants under which they are. */
  Map<String, String> guards() {
    return guards(true);
  }

  /** What is stored alone, likewise: nothing is kept of it, so that it is as wide as it was computed. */
  Map<String, String> observed() {
    return guards(false);
  }

  private Map<String, String> guards(boolean loaded) {
    Map<String, String> some = new LinkedHashMap<>(guards);
    some.keySet().removeIf(slot -> loadedSlots.contains(slot) != loaded);
    return some;
  }

  /** A statement of its own, before the one that is being written. */
  final void line(String text) {
    out.append(indent).append(text).append('\n');
  }

  private void nested(Runnable inside) {
    String before = indent;
    Map<String, Kind> visible = new HashMap<>(locals);
    indent += "  ";
    inside.run();
    indent = before;
    locals.keySet().retainAll(visible.keySet());
  }

  private void block(BlockTree block) {
    block.getStatements().forEach(this::statement);
  }

  private void statement(StatementTree statement) {
    switch (statement) {
      case BlockTree block -> block(block);
      case VariableTree variable -> declare(variable);
      case IfTree branch -> branch(branch);
      case ExpressionStatementTree expression -> expression(expression.getExpression());
      default -> throw unknown(statement);
    }
  }

  private void declare(VariableTree variable) {
    String name = variable.getName().toString();
    Kind kind = variable.getType().toString().equals("boolean") ? Kind.MASK : Kind.REAL;
    locals.put(name, kind);
    if (mask != null) {
      declaredInside.add(name);
    }
    String type = kind == Kind.MASK ? maskType() : realType();
    line(variable.getInitializer() == null
        ? type + " " + name + ";"
        : type + " " + name + " = " + code(variable.getInitializer()).text + ";");
  }

  private void expression(ExpressionTree expression) {
    switch (expression) {
      case AssignmentTree assignment -> assign(RuleSource.target(assignment), code(assignment.getExpression()).text);
      case MethodInvocationTree call when call.getMethodSelect().toString().equals("store") -> {
        if (mask != null) {
          throw new IllegalArgumentException("a store that only some lanes make: " + call);
        }
        String slot = slot(call.getArguments().get(0));
        if (source.slots().containsKey(slot)) {
          guards.put(slot, flags.isEmpty() ? "true" : String.join(" && ", flags));
        }
        String stored = store(slot, code(call.getArguments().get(1)).operand());
        if (!stored.isEmpty()) {
          line(stored + ";");
        }
      }
      case MethodInvocationTree call when call.getArguments().isEmpty() ->
          block(source.body(call.getMethodSelect().toString()));
      default -> throw unknown(expression);
    }
  }

  private void assign(String name, String value) {
    boolean partly = mask != null && !declaredInside.contains(name);
    line(name + " = " + (partly ? partly(name, value, mask) : value) + ";");
  }

  private void branch(IfTree branch) {
    Code condition = code(branch.getCondition());
    if (condition.kind == Kind.FLAG) {
      int before = out.length();
      line("if (" + condition.text + ") {");
      int header = out.length();
      flags.addLast(condition.text);
      nested(() -> statement(branch.getThenStatement()));
      flags.removeLast();
      if (branch.getElseStatement() != null) {
        line("} else {");
        flags.addLast("!" + condition.operand());
        nested(() -> statement(branch.getElseStatement()));
        flags.removeLast();
      } else if (out.length() == header) { // what it stores is the frame's to store
        out.setLength(before);
        return;
      }
      line("}");
      return;
    }
    if (mask != null || branch.getElseStatement() != null) {
      throw new IllegalArgumentException("a branch of lanes has no else and none inside: " + branch.getCondition());
    }
    String name = "some" + (masks++ == 0 ? "" : masks);
    line(maskType() + " " + name + " = " + condition.text + ";");
    line("if (" + any(name) + ") {");
    mask = name;
    declaredInside = new HashSet<>();
    nested(() -> statement(branch.getThenStatement()));
    mask = null;
    line("}");
  }

  /** An expression in Java. */
  final Code code(ExpressionTree expression) {
    return switch (expression) {
      case ParenthesizedTree inner -> code(inner.getExpression());
      case LiteralTree literal -> new Code(literal(literal.getValue()), Kind.REAL, true);
      case IdentifierTree name -> identifier(name.getName().toString());
      case UnaryTree unary -> unary(unary.getKind(), code(unary.getExpression()));
      case BinaryTree binary when isRootOverScalar(binary) ->
          rootOverScalar(code(binary.getLeftOperand()), binary.getRightOperand().toString());
      case BinaryTree binary -> binary(binary.getKind(), code(binary.getLeftOperand()), code(binary.getRightOperand()));
      case ConditionalExpressionTree choice -> choice(code(choice.getCondition()), code(choice.getTrueExpression()),
          code(choice.getFalseExpression()));
      case MethodInvocationTree call -> call(call);
      default -> throw unknown(expression);
    };
  }

  private boolean isRootOverScalar(BinaryTree binary) {
    return binary.getKind() == Tree.Kind.DIVIDE
        && binary.getLeftOperand() instanceof MethodInvocationTree call && call.getMethodSelect().toString().equals("sqrt")
        && source.scalars().contains(binary.getRightOperand().toString());
  }

  private Code identifier(String name) {
    if (locals.containsKey(name)) {
      return new Code(name, locals.get(name), true);
    }
    if (source.scalars().contains(name)) {
      usedScalars.add(name);
      return new Code(name, Kind.REAL, true);
    }
    if (name.equals(name.toUpperCase(java.util.Locale.ROOT))) {
      return new Code(name, Kind.FLAG, true);
    }
    throw new IllegalArgumentException("what is " + name + "? neither a local nor a scalar of " + source.name());
  }

  private Code call(MethodInvocationTree call) {
    String name = call.getMethodSelect().toString();
    if (name.equals("load")) {
      String slot = slot(call.getArguments().getFirst());
      loadedSlots.add(slot);
      return new Code(load(slot), Kind.REAL, true);
    }
    return new Code(function(name, code(call.getArguments().getFirst()).operand()), Kind.REAL, true);
  }

  private String slot(ExpressionTree argument) {
    String name = argument.toString();
    if (source.slots().containsKey(name)) {
      usedSlots.add(name);
    }
    return name;
  }

  private Code unary(Tree.Kind operator, Code operand) {
    return switch (operator) {
      case UNARY_MINUS -> new Code(negative(operand.operand()), Kind.REAL, true);
      case LOGICAL_COMPLEMENT -> operand.kind == Kind.FLAG
          ? new Code("!" + operand.operand(), Kind.FLAG, true)
          : new Code(not(operand.operand()), Kind.MASK, true);
      default -> throw new IllegalArgumentException("the language has no operator " + operator);
    };
  }

  private Code binary(Tree.Kind operator, Code left, Code right) {
    if (left.kind == Kind.FLAG) {
      String sign = switch (operator) {
        case CONDITIONAL_AND -> " && ";
        case CONDITIONAL_OR -> " || ";
        default -> throw new IllegalArgumentException("constants are joined by && and ||, not by " + operator);
      };
      return new Code(left.operand() + sign + right.operand(), Kind.FLAG, false);
    }
    boolean compares = switch (operator) {
      case LESS_THAN, EQUAL_TO, CONDITIONAL_AND, CONDITIONAL_OR -> true;
      case PLUS, MINUS, MULTIPLY, DIVIDE -> false;
      default -> throw new IllegalArgumentException("the language has no operator " + operator);
    };
    return operation(operator, left, right, compares ? Kind.MASK : Kind.REAL);
  }

  private Code choice(Code condition, Code yes, Code no) {
    return condition.kind == Kind.FLAG
        ? new Code(condition.operand() + " ? " + yes.operand() + " : " + no.operand(), Kind.REAL, false)
        : blend(condition, yes, no);
  }

  private static IllegalArgumentException unknown(Tree tree) {
    return new IllegalArgumentException("the language has no " + tree.getKind() + ": " + tree);
  }

  abstract String realType();

  abstract String maskType();

  abstract String literal(Object value);

  abstract Code operation(Tree.Kind operator, Code left, Code right, Kind kind);

  /** The quotient of a square root and a scalar of the step. */
  Code rootOverScalar(Code root, String scalar) {
    return operation(Tree.Kind.DIVIDE, root, identifier(scalar), Kind.REAL);
  }

  abstract Code blend(Code condition, Code yes, Code no);

  abstract String negative(String operand);

  abstract String not(String operand);

  abstract String function(String name, String argument);

  abstract String load(String slot);

  abstract String store(String slot, String value);

  /** Whether a condition holds anywhere. */
  abstract String any(String condition);

  /** {@code value} where the condition holds, else what {@code name} has. */
  abstract String partly(String name, String value, String condition);
}
