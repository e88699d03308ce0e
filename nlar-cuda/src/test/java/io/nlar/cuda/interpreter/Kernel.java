package io.nlar.cuda.interpreter;

import java.util.List;
import java.util.Map;

/**
 * A kernel, ready to be executed. Registers are numbered; constants and special registers are registers that are filled
 * before the kernel begins.
 */
public final class Kernel {
  /** Special registers that are 0 and 1, since all launches have one dimension. */
  static final List<String> ZEROS = List.of("%tid.y", "%tid.z", "%ctaid.y", "%ctaid.z");
  static final List<String> ONES = List.of("%ntid.y", "%ntid.z", "%nctaid.y", "%nctaid.z");

  private final String name;
  private final Instruction[] code;
  private final List<String> instructions;
  private final int[] widths;
  private final Map<Long, Integer> constants;
  private final Map<String, Integer> specials;
  private final int parameterBytes;
  private final int sharedBytes;
  private final List<int[]> shared;
  private final int localBytes;
  private final int mostThreads;

  Kernel(String name, List<Instruction> code, List<Integer> widths, Map<Long, Integer> constants,
      Map<String, Integer> specials, int parameterBytes, int sharedBytes, List<int[]> shared,
      int localBytes, int mostThreads) {
    this.name = name;
    this.code = code.toArray(Instruction[]::new);
    instructions = code.stream().map(instruction -> instruction.text).toList();
    this.widths = widths.stream().mapToInt(Integer::intValue).toArray();
    this.constants = Map.copyOf(constants);
    this.specials = Map.copyOf(specials);
    this.parameterBytes = parameterBytes;
    this.sharedBytes = sharedBytes;
    this.shared = List.copyOf(shared);
    this.localBytes = localBytes;
    this.mostThreads = mostThreads;
  }

  public String name() {
    return name;
  }

  Instruction[] code() {
    return code;
  }

  /** The text of each instruction, as the PTX has it. */
  public List<String> instructions() {
    return instructions;
  }

  /** The line, from 1, at which each instruction stands in the module. */
  public int[] lines() {
    return List.of(code).stream().mapToInt(instruction -> instruction.line).toArray();
  }

  /** Number of registers. */
  int registers() {
    return widths.length;
  }

  /** Bits of a register. */
  int width(int register) {
    return widths[register];
  }

  /** Registers that hold a constant, by its bits. */
  Map<Long, Integer> constants() {
    return constants;
  }

  /** Registers that stand for special ones, by their names. */
  Map<String, Integer> specials() {
    return specials;
  }

  int parameterBytes() {
    return parameterBytes;
  }

  int sharedBytes() {
    return sharedBytes;
  }

  /** Whether an access to shared memory lies in one of its variables. */
  boolean isShared(long place, int size) {
    for (int[] variable : shared) {
      if (place >= variable[0] && place + size <= variable[1]) {
        return true;
      }
    }
    return false;
  }

  int localBytes() {
    return localBytes;
  }

  int mostThreads() {
    return mostThreads;
  }
}
