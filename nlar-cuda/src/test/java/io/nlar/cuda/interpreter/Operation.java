package io.nlar.cuda.interpreter;

import java.util.List;

/**
 * What an instruction computes from registers alone.
 *
 * @param result width of the result in bits, 1 for a predicate
 * @param sources widths of the operands
 * @param function the raw bits of up to three operands to those of the result
 */
record Operation(int result, List<Integer> sources, Function function) {

  /** Operands that an operation does not have are 0. */
  interface Function {
    long of(long a, long b, long c);
  }
}
