package io.nlar.cuda.interpreter;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An operation on registers. Each function gets a copy of this class: in a loop of its own the compiler inlines it, in
 * one that all share it would call it for every lane.
 */
final class Compute extends Instruction {
  private static final Map<Operation.Function, Constructor<?>> COPIES = new ConcurrentHashMap<>();

  private final Operation.Function function;
  private final int result;
  private final int a;
  private final int b;
  private final int c;

  /** An instruction; registers are given as their places, {@link #LANES} apart; absent operands as a register of zeros. */
  static Instruction of(Operation.Function function, int result, int a, int b, int c) {
    try {
      return (Instruction) COPIES.computeIfAbsent(function, f -> copy()).newInstance(function, result, a, b, c);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Constructor<?> copy() {
    try (InputStream code = Compute.class.getResourceAsStream("Compute.class")) {
      return MethodHandles.lookup().defineHiddenClass(code.readAllBytes(), false).lookupClass()
          .getDeclaredConstructor(Operation.Function.class, int.class, int.class, int.class, int.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  Compute(Operation.Function function, int result, int a, int b, int c) {
    this.function = function;
    this.result = result;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  @Override
  void execute(Warp warp, int lanes) {
    long[] r = warp.registers;
    if (lanes == -1) {
      for (int lane = 0; lane < LANES; lane++) {
        r[result + lane] = function.of(r[a + lane], r[b + lane], r[c + lane]);
      }
    } else {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        r[result + lane] = function.of(r[a + lane], r[b + lane], r[c + lane]);
      }
    }
  }
}
