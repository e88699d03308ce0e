package io.nlar.bench.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.cpu.CpuBackend;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {

  @ParameterizedTest
  @ValueSource(longs = {0, 1, Workers.ALONE, Workers.ALONE + 1, Workers.PIECE, 5L * Workers.PIECE + 7})
  void everyElementIsWorkedOnOnceAndNumbersAddUp(long length) {
    try (Workers workers = new Workers(3)) {
      for (int run = 0; run < 20; run++) {
        AtomicIntegerArray touched = new AtomicIntegerArray((int) length + 1);
        Workers.Part part = (from, count) -> {
          for (long i = from; i < from + count; i++) {
            touched.incrementAndGet((int) i);
          }
          return count;
        };
        assertEquals(length, run % 2 == 0 ? workers.run(length, part) : workers.runBackward(length, part));
        for (int i = 0; i < length; i++) {
          assertEquals(1, touched.get(i), "element " + i);
        }
        assertEquals(0, touched.get((int) length));
      }
    }
  }

  @Test
  void backwardBeginsWithTheLastPiece() {
    List<Long> pieces = new ArrayList<>();
    try (Workers alone = new Workers(1)) {
      alone.runBackward(2L * Workers.PIECE + 5, (from, count) -> {
        pieces.add(from);
        return 0;
      });
    }
    assertEquals(List.of(2L * Workers.PIECE, (long) Workers.PIECE, 0L), pieces);
  }

  /** A yardstick whose work is cut up in another way would not be the roofline of the step. */
  @Test
  void workIsCutUpAsInTheCpuBackend() throws ReflectiveOperationException {
    Class<?> cut = Class.forName(CpuBackend.class.getPackageName() + ".CpuSettings$Cut");
    Field field = cut.getDeclaredField("MEASURED");
    field.setAccessible(true);
    Object measured = field.get(null);
    assertEquals(Workers.PIECE, ((Number) call(cut, measured, "chunk")).longValue());
    assertEquals(Workers.ALONE, ((Number) call(cut, measured, "alone")).longValue());
  }

  private static Object call(Class<?> type, Object target, String name) throws ReflectiveOperationException {
    Method method = type.getDeclaredMethod(name);
    method.setAccessible(true);
    return method.invoke(target);
  }
}
