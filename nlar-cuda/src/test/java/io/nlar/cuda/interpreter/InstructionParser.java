package io.nlar.cuda.interpreter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads instructions. Every part of an instruction must be known, and every register as wide as its type asks. */
final class InstructionParser {
  private static final Pattern PARTS = Pattern.compile("(?:@(!?)(\\S+)\\s+)?([\\w.:]+)\\s*(.*)", Pattern.DOTALL);
  private static final String ORDER = "(?:\\.(weak|volatile|relaxed|acquire|release|acq_rel))?(?:\\.(cta|gpu|sys))?";
  private static final String TYPE = "\\.([busf](?:8|16|32|64))";
  private static final Pattern MOVE = Pattern.compile(
      "(ld|st)" + ORDER + "(?:\\.(global|shared|param|local))?(?:\\.(ca|cg|cs|lu|cv|wb|wt))?(\\.nc)?(?:\\.v([24]))?"
          + TYPE);
  private static final Pattern ATOMIC = Pattern.compile("(atom|red)" + ORDER + "(?:\\.(global|shared))?\\.(\\w+)" + TYPE);
  private static final Pattern ADDRESS = Pattern.compile("\\[\\s*([%$\\w]+)\\s*(?:\\+\\s*(-?\\w+)\\s*)?]");
  private static final Pattern FENCE =
      Pattern.compile("membar\\.(?:cta|gl|sys)|fence(?:\\.sc|\\.acq_rel)?\\.(?:cta|gpu|sys)");
  private static final Pattern BLOCK_BARRIER =
      Pattern.compile("bar(?:\\.cta)?\\.sync|barrier(?:\\.cta)?\\.sync(?:\\.aligned)?");
  private static final Pattern INTEGER = Pattern.compile("-?(?:0[xX][0-9a-fA-F]+|\\d+)U?");
  private static final Pattern HARMLESS = Pattern.compile("nanosleep\\.u32|prefetch\\.global\\.L[12]");

  private final KernelParser kernel;

  InstructionParser(KernelParser kernel) {
    this.kernel = kernel;
  }

  /** Reads one; the label of a branch is left in {@code targets}. */
  Instruction parse(String text, Map<Branch, String> targets) {
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches()) {
      throw new PtxException("not an instruction");
    }
    String name = parts.group(3);
    List<String> operands = split(parts.group(4));
    Instruction instruction;
    if (name.equals("bra") || name.equals("bra.uni")) {
      Branch branch = new Branch(name.equals("bra.uni"));
      targets.put(branch, only(operands, 1).getFirst());
      instruction = branch;
    } else {
      instruction = read(name, operands);
    }
    if (parts.group(2) != null) {
      instruction.guard = source(parts.group(2), 1);
      instruction.guardNegated = !parts.group(1).isEmpty();
    }
    return instruction;
  }

  private Instruction read(String name, List<String> operands) {
    int dot = name.indexOf('.');
    return switch (dot < 0 ? name : name.substring(0, dot)) {
      case "ld", "st" -> move(name, operands);
      case "atom", "red" -> atomic(name, operands);
      case "ret", "exit" -> bare(name, operands, new Exit());
      case "trap" -> bare(name, operands, new Trap());
      case "bar", "barrier" -> barrier(name, operands);
      case "shfl" -> shuffle(name, operands);
      case "vote" -> vote(name, operands);
      case "membar", "fence" -> {
        require(FENCE.matcher(name).matches() && operands.isEmpty(), name);
        yield new Fence(!name.endsWith("cta"));
      }
      case "cvt" -> {
        only(operands, 2);
        Operation operation = Conversions.find(name, kernel.width(operands.get(0)), kernel.width(operands.get(1)));
        yield compute(name, operation, operands);
      }
      default -> {
        if (HARMLESS.matcher(name).matches()) {
          yield new Nothing();
        }
        if (name.startsWith("mov.b") && operands.toString().contains("{")) {
          yield pair(name, operands);
        }
        yield compute(name, Operations.find(name), operands);
      }
    };
  }

  private static void require(boolean known, String name) {
    if (!known) {
      throw new PtxException("the instruction " + name + " with these operands is not known");
    }
  }

  private static List<String> only(List<String> operands, int count) {
    if (operands.size() != count) {
      throw new PtxException(operands.size() + " operands instead of " + count);
    }
    return operands;
  }

  private static Instruction bare(String name, List<String> operands, Instruction instruction) {
    only(operands, 0);
    require(name.indexOf('.') < 0, name);
    return instruction;
  }

  private Instruction compute(String name, Operation operation, List<String> operands) {
    require(operation != null, name);
    List<Integer> widths = operation.sources();
    only(operands, 1 + widths.size());
    int[] sources = new int[3];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = i < widths.size() ? source(operands.get(1 + i), widths.get(i)) : kernel.constant(0);
    }
    return Compute.of(operation.function(), result(operands.getFirst(), operation.result()), sources[0], sources[1],
        sources[2]);
  }

  private Instruction pair(String name, List<String> operands) {
    only(operands, 2);
    int width = Types.width(name.substring(4));
    require(name.equals("mov.b32") || name.equals("mov.b64"), name);
    boolean joins = operands.get(1).startsWith("{");
    List<String> halves = only(vector(operands.get(joins ? 1 : 0)), 2);
    int half = width / 2;
    return joins
        ? new Pair(true, result(operands.getFirst(), width), source(halves.get(0), half), source(halves.get(1), half),
            half)
        : new Pair(false, source(operands.get(1), width), result(halves.get(0), half), result(halves.get(1), half),
            half);
  }

  private Instruction move(String name, List<String> operands) {
    Matcher parts = MOVE.matcher(name);
    require(parts.matches(), name);
    only(operands, 2);
    boolean loads = parts.group(1).equals("ld");
    String semantics = parts.group(2) == null ? "weak" : parts.group(2);
    require(!semantics.equals(loads ? "release" : "acquire") && !semantics.equals("acq_rel"), name);
    Order order = Order.of(semantics, parts.group(3));
    Space space = space(parts.group(4));
    String cache = parts.group(5) == null ? "" : parts.group(5);
    require(loads ? !cache.startsWith("w") : !cache.equals("ca") && !cache.equals("lu") && !cache.equals("cv"), name);
    boolean nonCoherent = parts.group(6) != null;
    require(!nonCoherent || loads && space == Space.GLOBAL, name);
    int count = parts.group(7) == null ? 1 : Integer.parseInt(parts.group(7));
    String type = parts.group(8);
    int width = Types.width(type);
    require(width * count <= 128, name);
    List<String> registers = count == 1 ? List.of(operands.get(loads ? 0 : 1))
        : only(vector(operands.get(loads ? 0 : 1)), count);
    Address address = address(operands.get(loads ? 1 : 0));
    if (loads) {
      int registerWidth = kernel.width(registers.getFirst());
      for (String register : registers) {
        require(kernel.width(register) == registerWidth && registerWidth >= width
            && (registerWidth == width || !Types.isFloat(type)), name);
      }
      return new Load(space, order, nonCoherent, width / 8, Types.isSigned(type) && registerWidth > width,
          registers.stream().mapToInt(kernel::register).toArray(), registerWidth, address.base, address.offset);
    }
    return new Store(space, order, width / 8, registers.stream().mapToInt(r -> stored(r, width)).toArray(),
        address.base, address.offset);
  }

  /** A register may be wider than what is stored of it. */
  private int stored(String operand, int width) {
    return kernel.width(operand) > width && width > 1 ? kernel.register(operand) : source(operand, width);
  }

  private Instruction atomic(String name, List<String> operands) {
    Matcher parts = ATOMIC.matcher(name);
    require(parts.matches(), name);
    boolean returns = parts.group(1).equals("atom");
    String semantics = parts.group(2) == null ? "relaxed" : parts.group(2);
    require(!semantics.equals("weak") && !semantics.equals("volatile"), name);
    Operation.Function function = Atomic.function(parts.group(5), parts.group(6));
    int width = Types.width(parts.group(6));
    boolean swaps = parts.group(5).equals("cas");
    require(function != null && width >= 32, name);
    only(operands, (returns ? 1 : 0) + (swaps ? 3 : 2));
    int first = returns ? 1 : 0;
    Address address = address(operands.get(first));
    int result = returns && !operands.getFirst().equals("_") ? result(operands.getFirst(), width) : -1;
    return new Atomic(space(parts.group(4)), Order.of(semantics, parts.group(3)), width / 8, function, result,
        source(operands.get(first + 1), width), swaps ? source(operands.get(first + 2), width) : kernel.constant(0),
        address.base, address.offset);
  }

  private Instruction barrier(String name, List<String> operands) {
    if (name.equals("bar.warp.sync")) {
      return new WarpBarrier(source(only(operands, 1).getFirst(), 32));
    }
    require(BLOCK_BARRIER.matcher(name).matches() && operands.size() == 1 && operands.getFirst().matches("\\d+"), name);
    return new BlockBarrier(Integer.parseInt(operands.getFirst()), !name.matches("barrier(\\.cta)?\\.sync"));
  }

  private Instruction shuffle(String name, List<String> operands) {
    require(name.matches("shfl\\.sync\\.(up|down|bfly|idx)\\.b32"), name);
    only(operands, 5);
    String[] results = operands.getFirst().split("\\s*\\|\\s*");
    require(results.length <= 2, name);
    return new Shuffle(Shuffle.Mode.valueOf(name.split("\\.")[2].toUpperCase(java.util.Locale.ROOT)),
        result(results[0], 32), results.length == 2 ? result(results[1], 1) : -1, source(operands.get(1), 32),
        source(operands.get(2), 32), source(operands.get(3), 32), source(operands.get(4), 32));
  }

  private Instruction vote(String name, List<String> operands) {
    require(name.matches("vote\\.sync\\.((all|any|uni)\\.pred|ballot\\.b32)"), name);
    only(operands, 3);
    Vote.Mode mode = Vote.Mode.valueOf(name.split("\\.")[2].toUpperCase(java.util.Locale.ROOT));
    boolean negated = operands.get(1).startsWith("!");
    return new Vote(mode, result(operands.get(0), mode == Vote.Mode.BALLOT ? 32 : 1),
        source(operands.get(1).substring(negated ? 1 : 0), 1), negated, source(operands.get(2), 32));
  }

  // ---- operands

  /** A register and what is added to it. */
  private record Address(int base, long offset) {}

  private Address address(String text) {
    Matcher parts = ADDRESS.matcher(text);
    if (!parts.matches()) {
      throw new PtxException("the address " + text + " is not known");
    }
    String base = parts.group(1);
    int width = kernel.width(base);
    return new Address(source(base, width == 32 ? 32 : 64), parts.group(2) == null ? 0 : Long.decode(parts.group(2)));
  }

  private static Space space(String name) {
    return name == null ? Space.GENERIC : Space.valueOf(name.toUpperCase(java.util.Locale.ROOT));
  }

  private int result(String register, int width) {
    if (kernel.width(register) != width) {
      throw new PtxException(register + " is no register of " + width + " bits");
    }
    return kernel.register(register);
  }

  /** A register, special register, constant, or the address of a variable. */
  private int source(String operand, int width) {
    if (kernel.width(operand) != 0) {
      return result(operand, width);
    }
    if (width == 32 && kernel.special(operand) >= 0) {
      return kernel.special(operand);
    }
    Long address = width >= 32 ? kernel.variableAddress(operand) : null;
    if (address != null) {
      return kernel.constant(address);
    }
    if (operand.equals("WARP_SZ")) {
      return kernel.constant(Instruction.LANES);
    }
    if (operand.matches("0[fF][0-9a-fA-F]{8}") && width == 32) {
      return kernel.constant(Long.parseLong(operand.substring(2), 16));
    }
    if (operand.matches("0[dD][0-9a-fA-F]{16}") && width == 64) {
      return kernel.constant(Long.parseUnsignedLong(operand.substring(2), 16));
    }
    if (INTEGER.matcher(operand).matches()) {
      return kernel.constant(Types.low(integer(operand.replace("U", "")), width));
    }
    throw new PtxException(operand + " is nothing of " + width + " bits");
  }

  private static long integer(String text) {
    boolean negative = text.startsWith("-");
    String digits = text.substring(negative ? 1 : 0);
    long value = digits.matches("0[xX].*") ? Long.parseUnsignedLong(digits.substring(2), 16)
        : Long.parseUnsignedLong(digits);
    return negative ? -value : value;
  }

  private static List<String> vector(String text) {
    if (!text.startsWith("{") || !text.endsWith("}")) {
      throw new PtxException(text + " are no registers side by side");
    }
    return List.of(text.substring(1, text.length() - 1).strip().split("\\s*,\\s*"));
  }

  /** The operands, which commas part that stand in no braces. */
  private static List<String> split(String text) {
    List<String> operands = new ArrayList<>();
    int depth = 0;
    int begin = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ',' : text.charAt(i);
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      if (c == ',' && depth == 0) {
        operands.add(text.substring(begin, i).strip());
        begin = i + 1;
      }
    }
    return operands.size() == 1 && operands.getFirst().isEmpty() ? List.of() : operands;
  }
}
