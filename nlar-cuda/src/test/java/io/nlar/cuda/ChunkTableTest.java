package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.StepConfig;
import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.Binding;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import io.nlar.testkit.contract.ReferenceDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkTableTest {
  private final List<GroupPlan> groups = new ArrayList<>();
  private final List<TensorPlan> tensors = new ArrayList<>();
  private final List<Binding> bindings = new ArrayList<>();

  private int group(StepConfig config, DType type) {
    groups.add(new GroupPlan(config, type));
    return groups.size() - 1;
  }

  /** Which buffers are bound does not matter to the table, only whether there is a gradient. */
  private void tensor(int group, long length, boolean gradient) {
    tensors.add(new TensorPlan(tensors.size(), "t" + tensors.size(), group, length));
    try (Device device = new ReferenceDevice()) {
      AbstractBuffer some = (AbstractBuffer) device.allocate(DType.FLOAT32, 1);
      bindings.add(new Binding(some, gradient ? some : null, false));
    }
  }

  private ChunkTable table() {
    return new ChunkTable(new StepPlan(groups, tensors), bindings);
  }

  private static List<List<Integer>> entries(ChunkTable table) {
    List<List<Integer>> entries = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(table.chunks() * ChunkTable.ENTRY_BYTES, 8);
      table.write(memory);
      for (long at = 0; at < memory.byteSize(); at += ChunkTable.ENTRY_BYTES) {
        entries.add(List.of(memory.get(ValueLayout.JAVA_INT, at), memory.get(ValueLayout.JAVA_INT, at + 4)));
      }
    }
    return entries;
  }

  @Test
  void everyTensorIsCutIntoChunksInOrder() {
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    tensor(group, 4097, true);
    tensor(group, 4096, true);
    tensor(group, 1, true);
    ChunkTable table = table();
    assertEquals(List.of(List.of(0, 0), List.of(0, 1), List.of(1, 0), List.of(2, 0)), entries(table));
    assertEquals(List.of(new ChunkTable.Range(0, 4)), List.copyOf(table.updates().values()));
    assertEquals(List.of(new ChunkTable.Range(0, 4)), List.copyOf(table.sums().values()));
  }

  @Test
  void tensorsWithoutWorkAreSummedButNotUpdated() {
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    tensor(group, 100_000, false);
    tensor(group, 0, true);
    tensor(group, 5, true);
    ChunkTable table = table();
    assertEquals(List.of(List.of(2, 0), List.of(0, 0), List.of(1, 0)), entries(table));
    assertEquals(List.of(new ChunkTable.Range(0, 1)), List.copyOf(table.updates().values()));
    assertEquals(List.of(new ChunkTable.Range(0, 3)), List.copyOf(table.sums().values()));
  }

  @Test
  void variantsLieTogetherAndTypesAroundThem() {
    int a = group(StepConfig.nlarcm(), DType.FLOAT32);
    int b = group(StepConfig.nlarsm(), DType.FLOAT32);
    int c = group(StepConfig.nlarcm(), DType.FLOAT64);
    int d = group(StepConfig.nlarcm().withLearningRate(0.5).withWeightDecay(0.1), DType.FLOAT32);
    tensor(a, 5000, true);
    tensor(b, 10, true);
    tensor(c, 10, true);
    tensor(d, 10, true);
    ChunkTable table = table();
    assertEquals(List.of(List.of(0, 0), List.of(0, 1), List.of(3, 0), List.of(1, 0), List.of(2, 0)), entries(table));
    assertEquals(3, table.updates().size(), "groups that differ in numbers share a launch");
    assertEquals(new ChunkTable.Range(0, 3), table.updates().get(Variant.of(groups.get(a))));
    assertEquals(new ChunkTable.Range(0, 4), table.sums().get(DType.FLOAT32));
    assertEquals(new ChunkTable.Range(4, 1), table.sums().get(DType.FLOAT64));
  }

  @Test
  void theTableNeverOutgrowsItsCapacity() {
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    tensor(group, 0, true);
    tensor(group, 9000, true);
    tensor(group, 9000, false);
    assertTrue(table().chunks() <= ChunkTable.capacity(new StepPlan(groups, tensors)));
    assertEquals(7, ChunkTable.capacity(new StepPlan(groups, tensors)));
  }

  @Test
  void countsBeyondTwoToTheThirtyOneElements() {
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    tensor(group, (1L << 33) + 1, true);
    assertEquals((1L << 21) + 1, table().chunks());
  }
}
