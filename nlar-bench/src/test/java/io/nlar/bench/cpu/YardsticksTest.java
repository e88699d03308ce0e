package io.nlar.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Backends;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.bench.contest.Tensors;
import io.nlar.bench.contest.Workload;
import io.nlar.bench.harness.Contestant;
import io.nlar.bench.harness.VerificationException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What moves memory is right, and what does not is found out. */
class YardsticksTest {
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  /** Several pieces and a part of one. */
  private static final long SIZE = 3L * Workers.PIECE + 1000;

  private static String complaint(Function<Tensors, Contestant> open) {
    return complaint(DType.FLOAT32, SIZE, open);
  }

  private static String complaint(DType type, long size, Function<Tensors, Contestant> open) {
    try (Device device = Backends.open("cpu");
        Tensors tensors = new Tensors(device, new Workload(device.info(), type, size, 2));
        Contestant contestant = open.apply(tensors)) {
      contestant.verify();
      contestant.run(1);
      contestant.verify();
      return "";
    } catch (VerificationException wrong) {
      return wrong.getMessage();
    }
  }

  private static String complaint(PassKernel kernel) {
    return complaint(tensors -> new CpuPasses.Passes("passes", tensors, kernel));
  }

  @ParameterizedTest
  @EnumSource(PassShape.class)
  void everyShapeOfThePassesMovesWhatItShould(PassShape shape) {
    assertEquals("", complaint(shape.kernel()));
  }

  /** A kernel that is right except for what a test overrides. */
  private static class Passes implements PassKernel {
    @Override
    public long reduce(long g, long bytes) {
      return VectorPasses.PLAIN.reduce(g, bytes);
    }

    @Override
    public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
      return VectorPasses.PLAIN.apply(g, theta, v, rate, weight, bytes);
    }
  }

  @Test
  void aReductionThatDoesNotReadTheEndOfAPieceIsFoundOut() {
    assertTrue(complaint(new Passes() {
      @Override
      public long reduce(long g, long bytes) {
        return super.reduce(g, bytes - UNIT_BYTES);
      }
    }).contains("reduce added"));
  }

  @Test
  void anApplyThatDoesNotReadTheGradientsIsFoundOut() {
    assertTrue(complaint(new Passes() {
      @Override
      public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
        super.apply(g, theta, v, rate, weight, bytes);
        return 0;
      }
    }).contains("apply added"));
  }

  @Test
  void anApplyThatLeavesAnythingOfAnArrayIsFoundOut() {
    for (int array = 0; array < 4; array++) {
      int left = array;
      String said = complaint(new Passes() {
        @Override
        public long apply(long g, long theta, long v, long rate, long weight, long bytes) {
          long last = bytes - UNIT_BYTES;
          long address = new long[] {theta, v, rate, weight}[left] + last;
          byte[] before = MEMORY.asSlice(address, UNIT_BYTES).toArray(ValueLayout.JAVA_BYTE);
          long sum = super.apply(g, theta, v, rate, weight, bytes);
          MemorySegment.copy(MemorySegment.ofArray(before), 0, MEMORY, address, UNIT_BYTES);
          return sum;
        }
      });
      assertTrue(said.contains("of array " + left + " is not what"), "array " + left + ": " + said);
    }
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 197608", "FLOAT64, 197608", "FLOAT32, 1", "FLOAT64, 1023", "FLOAT32, 1100000"})
  void theStepInCHasTheReferencesBits(DType type, long size) {
    assertEquals("", complaint(type, size, tensors -> new CpuStepInC().open(tensors)));
  }

  @Test
  void aCopyThatLeavesTheEndOfAPieceIsFoundOut() {
    assertEquals("", complaint(tensors -> new CpuCopy().open(tensors)));
    assertTrue(complaint(tensors -> new CpuCopy.Copy(tensors,
        (from, to, bytes) -> MemorySegment.copy(MEMORY, from, MEMORY, to, bytes - 4))).contains("of the copy"));
  }
}
