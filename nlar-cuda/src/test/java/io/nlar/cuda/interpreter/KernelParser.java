package io.nlar.cuda.interpreter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a kernel: its declarations, labels and scopes; instructions are {@link InstructionParser}'s. Registers that live
 * within a stretch of code without labels and jumps share places, so that a warp's registers fit a cache.
 */
final class KernelParser {
  private static final Pattern LABEL = Pattern.compile("([$%_a-zA-Z][\\w$]*):");
  private static final Pattern REGISTERS = Pattern.compile("\\.reg\\s+\\.(\\w+)\\s+(.+)", Pattern.DOTALL);
  private static final Pattern RANGE = Pattern.compile("(%?[\\w$]+?)<(\\d+)>");
  private static final Pattern VARIABLE = Pattern.compile(
      "\\.(shared|local|param)\\s+(?:\\.align\\s+(\\d+)\\s+)?\\.(\\w+)\\s+([\\w$]+)(?:\\[(\\d+)])?\\s*");
  private static final Pattern MOST_THREADS = Pattern.compile("\\.(?:max|req)ntid\\s+(\\d+)(?:\\s*,\\s*1)*");
  private static final Pattern HARMLESS = Pattern.compile("\\.(?:minnctapersm|maxnreg|maxnctapersm)\\s+\\d+");
  private static final Pattern NAME = Pattern.compile("%?[$_a-zA-Z][\\w$]*");
  private static final Pattern JUMP = Pattern.compile("(?:@!?\\S+\\s+)?(?:bra|ret|exit)\\b.*", Pattern.DOTALL);
  private static final int MOST_THREADS_OF_ALL = 1024;
  private static final int GAP = 16;

  /** A register, and where it is used. */
  private static final class Register {
    final int width;
    int stretch = -1;
    boolean spread;
    int lastUse;
    int place = -1;

    Register(int width) {
      this.width = width;
    }
  }

  /** An instruction before it is read, and the registers that it names. */
  private record Statement(String text, int line, Map<String, Register> registers) {}

  private final String name;
  private final List<Map<String, Register>> scopes = new ArrayList<>();
  private final List<Statement> statements = new ArrayList<>();
  private final Map<String, Integer> labels = new HashMap<>();
  private final Map<String, Long> variables = new HashMap<>();
  private final List<Integer> widths = new ArrayList<>();
  private final Map<Integer, List<Integer>> free = new HashMap<>();
  private final Map<Long, Integer> constants = new HashMap<>();
  private final Map<String, Integer> specials = new HashMap<>();
  private final Map<String, Long> bytes = new HashMap<>(Map.of("shared", 0L, "local", 0L, "param", 0L));
  private final List<int[]> shared = new ArrayList<>();
  private Map<String, Register> current = Map.of();
  private int stretch;
  private int mostThreads = MOST_THREADS_OF_ALL;

  KernelParser(String name, String parameters, String directives) {
    this.name = name;
    for (String parameter : parameters.isBlank() ? new String[0] : parameters.split(",")) {
      variable(parameter.strip());
    }
    Matcher threads = MOST_THREADS.matcher(directives);
    if (threads.find()) {
      mostThreads = Integer.parseInt(threads.group(1));
    }
    String rest = HARMLESS.matcher(threads.replaceAll("")).replaceAll("").strip();
    if (!rest.isEmpty()) {
      throw new PtxException("not known at " + name + ": " + rest);
    }
  }

  Kernel parse(String body, int firstLine) {
    scan(body, firstLine);
    List<Instruction> code = new ArrayList<>();
    InstructionParser parser = new InstructionParser(this);
    Map<Branch, String> targets = new HashMap<>();
    for (int i = 0; i < statements.size(); i++) {
      Statement statement = statements.get(i);
      current = statement.registers;
      try {
        code.add(finished(parser.parse(statement.text, targets), statement, i));
      } catch (PtxException unknown) {
        throw new PtxException(unknown.getMessage() + ": line " + statement.line + " of " + name + ", "
            + statement.text);
      }
      for (Register register : Set.copyOf(statement.registers.values())) {
        if (!register.spread && register.lastUse == i) {
          free.computeIfAbsent(register.width, w -> new ArrayList<>()).add(register.place);
        }
      }
    }
    code.add(finished(new Exit(), new Statement("ret", firstLine, Map.of()), statements.size()));
    targets.forEach((branch, label) -> {
      if (!labels.containsKey(label)) {
        throw new PtxException("there is no label " + label + " in " + name);
      }
      branch.target = labels.get(label);
    });
    return new Kernel(name, code, widths, constants, specials, size("param"), size("shared"), shared,
        size("local"), mostThreads);
  }

  private int size(String space) {
    return Math.toIntExact(bytes.get(space));
  }

  private static Instruction finished(Instruction instruction, Statement statement, int index) {
    instruction.text = statement.text.replaceAll("\\s+", " ");
    instruction.line = statement.line;
    instruction.index = index;
    return instruction;
  }

  // ---- the text

  private void scan(String body, int firstLine) {
    scopes.add(new HashMap<>());
    int line = firstLine;
    int at = 0;
    while (at < body.length()) {
      char c = body.charAt(at);
      int begin = at;
      if (Character.isWhitespace(c)) {
        line += c == '\n' ? 1 : 0;
        at++;
        continue;
      }
      Matcher label = LABEL.matcher(body).region(at, body.length());
      if (c == '{') {
        scopes.add(new HashMap<>());
        at++;
      } else if (c == '}') {
        scopes.removeLast();
        at++;
      } else if (label.lookingAt()) {
        if (labels.put(label.group(1), statements.size()) != null) {
          throw new PtxException("the label " + label.group(1) + " stands twice in " + name);
        }
        stretch++;
        at = label.end();
      } else {
        at = body.indexOf(';', at) + 1;
        if (at == 0) {
          throw new PtxException("no end of line " + line + " of " + name);
        }
        statement(body.substring(begin, at - 1).strip(), line);
      }
      line += (int) body.substring(begin, at).chars().filter(x -> x == '\n').count();
    }
  }

  private void statement(String text, int line) {
    if (!text.startsWith(".")) {
      instruction(text, line);
    } else if (text.startsWith(".reg")) {
      registers(text);
    } else if (VARIABLE.matcher(text).matches()) {
      variable(text);
    } else if (!text.startsWith(".pragma") && !text.startsWith(".loc")) {
      throw new PtxException("not known: line " + line + " of " + name + ", " + text);
    }
  }

  private void registers(String text) {
    Matcher matcher = REGISTERS.matcher(text);
    if (!matcher.matches()) {
      throw new PtxException("not known in " + name + ": " + text);
    }
    int width = Types.width(matcher.group(1));
    for (String one : matcher.group(2).split(",")) {
      Matcher range = RANGE.matcher(one.strip());
      if (range.matches()) {
        for (int i = 0; i < Integer.parseInt(range.group(2)); i++) {
          scopes.getLast().put(range.group(1) + i, new Register(width));
        }
      } else {
        scopes.getLast().put(one.strip(), new Register(width));
      }
    }
  }

  private void variable(String text) {
    Matcher matcher = VARIABLE.matcher(text);
    if (!matcher.matches()) {
      throw new PtxException("not known at " + name + ": " + text);
    }
    long size = Types.width(matcher.group(3)) / 8;
    long alignment = matcher.group(2) == null ? size : Long.parseLong(matcher.group(2));
    long count = matcher.group(5) == null ? 1 : Long.parseLong(matcher.group(5));
    // Between two variables there is room that belongs to none.
    long gap = variables.isEmpty() || matcher.group(1).equals("param") ? 0 : GAP;
    long place = Math.ceilDiv(bytes.get(matcher.group(1)) + gap, alignment) * alignment;
    bytes.put(matcher.group(1), place + size * count);
    if (matcher.group(1).equals("shared")) {
      shared.add(new int[] {(int) place, (int) (place + size * count)});
    }
    variables.put(matcher.group(4), Space.BASE + place);
  }

  private void instruction(String text, int line) {
    Map<String, Register> named = new HashMap<>();
    Set<String> seen = new HashSet<>();
    Matcher names = NAME.matcher(text);
    while (names.find()) {
      Register register = seen.add(names.group()) ? find(names.group()) : null;
      if (register != null) {
        named.put(names.group(), register);
        register.spread |= register.stretch >= 0 && register.stretch != stretch;
        register.stretch = stretch;
        register.lastUse = statements.size();
      }
    }
    statements.add(new Statement(text, line, named));
    if (JUMP.matcher(text).matches()) {
      stretch++;
    }
  }

  private Register find(String register) {
    for (Map<String, Register> scope : scopes.reversed()) {
      if (scope.containsKey(register)) {
        return scope.get(register);
      }
    }
    return null;
  }

  // ---- what instructions ask for

  /** Bits of a register; 0 where there is none of this name. */
  int width(String register) {
    Register found = current.get(register);
    return found == null ? 0 : found.width;
  }

  /** The place of a register. */
  int register(String register) {
    Register found = current.get(register);
    if (found.place < 0) {
      List<Integer> unused = free.get(found.width);
      found.place = found.spread || unused == null || unused.isEmpty() ? newPlace(found.width) : unused.removeFirst();
    }
    return found.place * Instruction.LANES;
  }

  private int newPlace(int width) {
    widths.add(width);
    return widths.size() - 1;
  }

  /** The place of a register that holds a constant. */
  int constant(long bits) {
    return constants.computeIfAbsent(bits, b -> newPlace(64)) * Instruction.LANES;
  }

  /** The place of a special register; -1 where it is not known. */
  int special(String special) {
    boolean known = Kernel.ZEROS.contains(special) || Kernel.ONES.contains(special)
        || Set.of("%tid.x", "%ctaid.x", "%ntid.x", "%nctaid.x", "%laneid", "%warpid").contains(special);
    return known ? specials.computeIfAbsent(special, s -> newPlace(32)) * Instruction.LANES : -1;
  }

  /** The address of a variable in its space; null where there is none. */
  Long variableAddress(String variable) {
    return variables.get(variable);
  }
}
