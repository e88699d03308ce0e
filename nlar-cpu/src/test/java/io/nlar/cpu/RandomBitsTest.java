package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Momentum;
import io.nlar.Precision;
import io.nlar.Scaling;
import io.nlar.StepConfig;
import io.nlar.spi.Binding;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** By which random bits an element is rounded, on both sides of 2³³, where their key changes. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the flags of mmap are those of Linux")
class RandomBitsTest {
  private static final long BORDER = 1L << 33;
  private static final long LENGTH = BORDER + 5000;

  /** rT of docs/numerics.md, "Random bits", for the key 0. */
  private static int randomBits(long t, long element) {
    long j = element >>> 1;
    long k = mix(mix(0x9E3779B97F4A7C15L * t) + 0xD1B54A32D192ED03L * ((j >>> 32) + 1));
    int x = (int) j * 0x9E3779B9 + (int) k;
    x = (x ^ x >>> 16) * 0x7FEB352D;
    x ^= (int) (k >>> 32);
    x = (x ^ x >>> 15) * 0x846CA68B;
    x ^= x >>> 16;
    return ((element % 2 == 0 ? x & 0xFFFF : x >>> 16) * 0x1855) & 0xFFFF;
  }

  private static long mix(long z) {
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  @Test
  void theFormulaHereIsThatOfTheTestVectors() {
    assertEquals(0xCCB8, randomBits(1, 0));
    assertEquals(0x183C, randomBits(1, 1));
    assertEquals(0x8662, randomBits(1, 2));
    assertEquals(0x3435, randomBits(1, BORDER + 5));
  }

  /**
   * From the value 1 a step goes down by half a unit in bfloat16's last place: the exact 1 − 2⁻⁹ lies half-way between two
   * bfloat16s, so the lower half of its pattern is 8000, and it is rounded up where r is less.
   */
  @Test
  void theKeyChangesAtItsBorder() {
    TensorPlan tensor = new TensorPlan(0, "w", 0, LENGTH);
    StepConfig config = StepConfig.nlarsm().withLearningRate(0.5).withMomentum(new Momentum.None())
        .withScaling(new Scaling.None())
        .withPrecision(Precision.compact().withMaster(Precision.Master.NONE).withSeed(tensor.nameHash()));
    StepPlan plan = new StepPlan(List.of(new GroupPlan(config, DType.BFLOAT16)), List.of(tensor));
    long first = BORDER - 2000;
    int count = 4000;
    try (Arena arena = Arena.ofShared(); CpuDevice device = Devices.open()) {
      MemorySegment values = BeyondIntTest.sparse(arena, LENGTH * Short.BYTES);
      MemorySegment gradients = BeyondIntTest.sparse(arena, LENGTH * Short.BYTES);
      for (int i = 0; i < count; i++) {
        values.setAtIndex(ValueLayout.JAVA_SHORT, first + i, bits(1));
        gradients.setAtIndex(ValueLayout.JAVA_SHORT, first + i, bits(0x1p-8f));
      }
      Group[] groups = {new Group(plan.groups().getFirst(), slot -> 0, device.vectorBits())};
      Binding binding = new Binding(tensor, (CpuBuffer) device.wrap(DType.BFLOAT16, values),
          (CpuBuffer) device.wrap(DType.BFLOAT16, gradients), false);
      ApplyPass pass = new ApplyPass(device, groups,
          Span.of(plan, List.of(binding), groups, index -> 0, device.vectorBits()), arena.allocate(16, 8));
      pass.derive(1, 1, 1);
      pass.work(0, first, first + count, device.scratch(0));
      int lower = Float.floatToRawIntBits(1 - 0x1p-9f);
      assertEquals(0x8000, lower & 0xFFFF);
      for (long i = first; i < first + count; i++) {
        int expected = (lower >>> 16) + (0x8000 > randomBits(1, i) ? 1 : 0);
        assertEquals(expected, values.getAtIndex(ValueLayout.JAVA_SHORT, i) & 0xFFFF, "element 2^33 + " + (i - BORDER));
      }
    }
  }

  private static short bits(float x) {
    return (short) (Float.floatToRawIntBits(x) >>> 16);
  }
}
