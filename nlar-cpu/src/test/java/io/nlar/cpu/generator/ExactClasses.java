package io.nlar.cpu.generator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Casts the result of every operation on vectors to the class that it has.
 *
 * <p>With that the JVM's compiler knows the class of every vector as it reads the method. Without, it goes by the classes that
 * it has seen in the Vector API's own methods, which all of a program shares, and after a hundred wrong guesses there, whosever
 * they were, it makes none any more: a kernel of a hundred operations is then compiled into twice the code, and allocates.
 */
final class ExactClasses {
  private static final Map<String, String> CLASSES = Map.of("FloatVector", "FLOATS", "IntVector", "INTS", "ShortVector", "SHORTS",
      "VectorMask<Float>", "MASKS");
  private static final String TYPE = "(FloatVector|IntVector|ShortVector|VectorMask<Float>)";
  private static final Pattern DECLARATION = Pattern.compile("((?:final )?" + TYPE + " (\\w+))( = (.*))?");
  private static final Pattern ASSIGNMENT = Pattern.compile("(\\w+) = (.*)");
  private static final Pattern CALL = Pattern.compile("\\.(\\w+)\\(");
  private static final String STORE = ".intoMemorySegment(";

  private final Map<String, String> types = new HashMap<>();

  private ExactClasses(Map<String, String> constants) {
    types.putAll(constants);
  }

  /**
   * The text of a class with casts in its method {@code run}, which is its last one.
   *
   * @param constants names and types of constants that hold vectors
   */
  static String cast(String text, Map<String, String> constants) {
    ExactClasses casts = new ExactClasses(constants);
    StringBuilder out = new StringBuilder();
    StringBuilder statement = new StringBuilder();
    boolean method = false;
    for (String line : text.lines().toList()) {
      method |= line.contains(" run(");
      if (!method || line.isBlank() || line.strip().startsWith("//")) {
        out.append(line).append('\n');
        continue;
      }
      statement.append(statement.isEmpty() ? line : " " + line.strip());
      if (line.endsWith(";") || line.endsWith("{") || line.endsWith("}")) {
        out.append(casts.statement(statement.toString())).append('\n');
        statement.setLength(0);
      }
    }
    return out.toString();
  }

  private String statement(String line) {
    if (!line.endsWith(";")) {
      return line;
    }
    String code = line.strip().substring(0, line.strip().length() - 1);
    String indent = line.substring(0, line.indexOf(code));
    Matcher declaration = DECLARATION.matcher(code);
    Matcher assignment = ASSIGNMENT.matcher(code);
    if (declaration.matches()) {
      types.put(declaration.group(3), declaration.group(2));
      return declaration.group(5) == null ? line : indent + declaration.group(1) + " = " + exact(declaration.group(5)) + ";";
    }
    if (assignment.matches() && types.containsKey(assignment.group(1))) {
      return indent + assignment.group(1) + " = " + exact(assignment.group(2)) + ";";
    }
    int store = code.indexOf(STORE);
    return store < 0 ? line : indent + exact(code.substring(0, store).strip()) + code.substring(store) + ";";
  }

  /** An expression with casts, if it is one of vectors. */
  private String exact(String expression) {
    int call = types.containsKey(expression) || type(expression) == null ? -1 : lastCall(expression);
    if (call < 0) {
      return expression;
    }
    int open = expression.indexOf('(', call);
    String receiver = expression.substring(0, call);
    return CLASSES.get(type(expression)) + ".cast(" + (CLASSES.containsKey(receiver) ? receiver : exact(receiver))
        + expression.substring(call, open) + "("
        + arguments(expression.substring(open + 1, expression.length() - 1)).stream().map(this::exact)
            .collect(Collectors.joining(", ")) + "))";
  }

  /** The type of what an expression comes to, or null if it is no vector. */
  private String type(String expression) {
    if (types.containsKey(expression)) {
      return types.get(expression);
    }
    int call = lastCall(expression);
    if (call < 0) {
      return null;
    }
    String receiver = expression.substring(0, call);
    String type = CLASSES.containsKey(receiver) ? receiver : type(receiver);
    if (type == null) {
      return null;
    }
    return switch (expression.substring(call + 1, expression.indexOf('(', call))) {
      case "reinterpretAsFloats" -> "FloatVector";
      case "reinterpretAsInts" -> "IntVector";
      case "reinterpretAsShorts" -> "ShortVector";
      case "lt", "eq" -> "VectorMask<Float>";
      default -> type;
    };
  }

  /** Where the last call begins, with its dot, of an expression that is a chain of calls; else -1. */
  private static int lastCall(String expression) {
    int found = -1;
    Matcher call = CALL.matcher(expression);
    for (int at = 0; call.find(at); ) {
      found = call.start();
      at = close(expression, call.end());
      if (at == expression.length()) {
        return found;
      }
      if (expression.charAt(at) != '.') {
        return -1;
      }
    }
    return -1;
  }

  /** The place behind the bracket that closes the one open at {@code at}. */
  private static int close(String text, int at) {
    int depth = 1;
    int place = at;
    for (; depth > 0; place++) {
      depth += text.charAt(place) == '(' ? 1 : text.charAt(place) == ')' ? -1 : 0;
    }
    return place;
  }

  private static List<String> arguments(String text) {
    List<String> arguments = new ArrayList<>();
    int depth = 0;
    int begin = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        arguments.add(text.substring(begin, i).strip());
        begin = i + 1;
      }
    }
    if (!text.isBlank()) {
      arguments.add(text.substring(begin).strip());
    }
    return arguments;
  }
}
