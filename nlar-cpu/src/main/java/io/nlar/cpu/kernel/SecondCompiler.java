package io.nlar.cpu.kernel;

import jdk.incubator.vector.IntVector;

/**
 * Keeps the JVM's first compiler (C1) away from methods that only the second one (C2) does any good.
 *
 * <p>A large kernel on vectors of known classes is about as much as the first compiler can take. It inlines every operation
 * to the bottom and makes a quarter of a megabyte of code, no faster than what is interpreted; and at the level that
 * counts what is run, which it comes to last, it may run out of names for registers. What it has compiled once, but cannot
 * compile at that level, is never handed on. What it cannot compile at all goes from the interpreter straight to the
 * second compiler, and sooner.
 *
 * <p>So such a kernel calls {@link #only} in a branch that is never taken. The second compiler leaves out what has never been
 * run. The first one inlines all of it, as each of these methods is small, and finds the whole too large.
 */
final class SecondCompiler {
  private static final IntVector X = IntVector.zero(IntVector.SPECIES_128);

  private SecondCompiler() {}

  /** Has the class initialized: of others nothing is inlined. */
  static void ready() {}

  /** Called where no run comes, from a method that the second compiler alone shall compile. */
  static int only() {
    return fifty() + fifty() + fifty() + fifty() + fifty();
  }

  // The first compiler inlines methods of 35 bytes, and the further in, the smaller they must be.

  private static int fifty() {
    return ten() + ten() + ten() + ten() + ten();
  }

  private static int ten() {
    return two() + two() + two() + two() + two();
  }

  private static int two() {
    return X.mul(X).mul(X).lane(0);
  }
}
