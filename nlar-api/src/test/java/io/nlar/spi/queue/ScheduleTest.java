package io.nlar.spi.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.Releases;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private final List<GroupPlan> groups = new ArrayList<>();
  private final List<TensorPlan> tensors = new ArrayList<>();
  private final List<QueueBinding> bindings = new ArrayList<>();
  private HeapDevice device = new HeapDevice(8);
  private DeviceMemory values = new HeapDevice.Heap(new byte[8]);
  private DeviceMemory gradients = values;

  private int group(StepConfig config, DType type) {
    groups.add(new GroupPlan(config, type));
    return groups.size() - 1;
  }

  /** What the memory holds does not matter to the schedule, only which it is. */
  private void tensor(int group, long length, boolean gradient) {
    TensorPlan tensor = new TensorPlan(tensors.size(), "t" + tensors.size(), group, length);
    tensors.add(tensor);
    DType type = groups.get(group).type();
    bindings.add(new QueueBinding(tensor, new QueueBuffer(device, type, length, values, 0),
        gradient ? new QueueBuffer(device, type, length, gradients, 0) : null, false,
        gradient ? new QueueBuffer(device, type, length, values, 0) : null, false, List.of()));
  }

  private Schedule schedule() {
    StepPlan plan = new StepPlan(groups, tensors);
    return new Schedule(plan, bindings, new StateLayout(plan, Long.MAX_VALUE), device.kernels());
  }

  private static List<List<Integer>> entries(Schedule schedule) {
    List<List<Integer>> entries = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate((long) schedule.chunks() * StepTables.CHUNK.bytes(), 8);
      schedule.write(memory);
      for (long at = 0; at < memory.byteSize(); at += StepTables.CHUNK.bytes()) {
        entries.add(List.of(memory.get(ValueLayout.JAVA_INT, at), memory.get(ValueLayout.JAVA_INT, at + 4)));
      }
    }
    return entries;
  }

  /** First entry and number of entries of each launch. */
  private static List<List<Integer>> ranges(List<Part> parts) {
    return parts.stream().map(part -> List.of(part.first(), part.chunks())).toList();
  }

  private static List<List<Integer>> sums(Schedule schedule) {
    return ranges(schedule.sums().stream().map(Schedule.Sums::part).toList());
  }

  private static List<List<Integer>> updates(Schedule schedule) {
    return ranges(schedule.updates().stream().map(Schedule.Apply::part).toList());
  }

  @Test
  void everyTensorIsCutIntoChunksInOrder() {
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    tensor(group, 4097, true);
    tensor(group, 4096, true);
    tensor(group, 1, true);
    Schedule schedule = schedule();
    assertEquals(List.of(List.of(0, 0), List.of(0, 1), List.of(1, 0), List.of(2, 0)), entries(schedule));
    assertEquals(List.of(List.of(0, 4)), updates(schedule));
    assertEquals(List.of(List.of(0, 4)), sums(schedule));
    Part part = schedule.updates().getFirst().part();
    assertEquals(List.of(4096, 1, 4096, 1), IntStream.range(0, 4).mapToObj(part.elements()::applyAsInt).toList());
  }

  @Test
  void tensorsWithoutWorkAreSummedButNotUpdated() {
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    tensor(group, 100_000, false);
    tensor(group, 0, true);
    tensor(group, 5, true);
    Schedule schedule = schedule();
    assertEquals(List.of(List.of(2, 0), List.of(0, 0), List.of(1, 0)), entries(schedule));
    assertEquals(List.of(List.of(0, 1)), updates(schedule));
    assertEquals(List.of(List.of(0, 3)), sums(schedule));
  }

  @Test
  void aStepWithNothingToUpdateIsCounted() {
    tensor(group(StepConfig.nlarcm(), DType.FLOAT32), 5, false);
    Schedule schedule = schedule();
    assertEquals(List.of(List.of(1, 0)), updates(schedule));
    assertEquals(List.of(List.of(0, 1)), sums(schedule));
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
    Schedule schedule = schedule();
    assertEquals(List.of(List.of(0, 0), List.of(0, 1), List.of(3, 0), List.of(1, 0), List.of(2, 0)), entries(schedule));
    assertEquals(List.of(List.of(0, 3), List.of(3, 1), List.of(4, 1)), updates(schedule),
        "groups that differ in numbers share a launch");
    assertEquals(Variant.of(groups.get(b)), schedule.updates().get(1).variant());
    assertEquals(List.of(List.of(0, 4), List.of(4, 1)), sums(schedule));
    assertEquals(DType.FLOAT64, schedule.sums().get(1).gradient());
  }

  @Test
  void aLaunchTakesAsManyMemoryObjectsAsItCan() {
    device = new HeapDevice(2);
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    int other = group(StepConfig.nlarsm(), DType.FLOAT32);
    for (int i = 0; i < 3; i++) {
      gradients = new HeapDevice.Heap(new byte[8]);
      tensor(group, 10, true);
      tensor(other, 10, true);
    }
    Schedule schedule = schedule();
    // One rule's tensors 0, 2, then 4, whose gradient begins a reduction; there the other's 1; then 3 and 5.
    assertEquals(List.of(0, 2, 4, 1, 3, 5), entries(schedule).stream().map(List::getFirst).toList());
    assertEquals(List.of(List.of(0, 2), List.of(2, 2), List.of(4, 2)), sums(schedule));
    assertEquals(List.of(List.of(0, 2), List.of(2, 1), List.of(3, 1), List.of(4, 2)), updates(schedule));
    assertEquals(1 << StepTables.GRADIENT_OBJECT_SHIFT, schedule.objects(tensors.get(2)));
    assertEquals(schedule.sums().get(1).part().gradients(), schedule.updates().get(2).part().gradients());
  }

  @Test
  void oneMemoryObjectAfterTheOther() {
    device = new HeapDevice(1);
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    for (int i = 0; i < 3; i++) {
      values = new HeapDevice.Heap(new byte[8]);
      tensor(group, 10, true);
    }
    assertEquals(List.of(List.of(0, 3)), sums(schedule()), "the gradients share theirs");
    assertEquals(List.of(List.of(0, 1), List.of(1, 1), List.of(2, 1)), updates(schedule()));
  }

  @Test
  void stateBeyondTheLargestMemoryTakesFurtherArenas() {
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    for (int i = 0; i < 5; i++) {
      tensor(group, 100, true);
    }
    StepPlan plan = new StepPlan(groups, tensors);
    StateLayout state = new StateLayout(plan, 1000);
    Releases releases = new Releases();
    state.allocate(device, releases);
    assertEquals(List.of(2, 2, 1), state.arenas(plan, bindings).stream().map(arena -> arena.tensors.size()).toList());
    assertEquals(128, state.place(bindings.get(1), 0), "tensors begin at multiples of 32 elements");
    assertEquals(0, state.place(bindings.get(2), 2));
    Schedule schedule = new Schedule(plan, bindings, state, device.kernels());
    assertEquals(List.of(List.of(0, 2), List.of(2, 2), List.of(4, 1)), updates(schedule));
    assertEquals(List.of(List.of(0, 5)), sums(schedule));
    releases.release();
  }

  @Test
  void theTableNeverOutgrowsItsCapacity() {
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    tensor(group, 0, true);
    tensor(group, 9000, true);
    tensor(group, 9000, false);
    assertTrue(schedule().chunks() <= Schedule.capacity(new StepPlan(groups, tensors), 4096));
    assertEquals(7, Schedule.capacity(new StepPlan(groups, tensors), 4096));
  }

  @Test
  void countsBeyondTwoToTheThirtyOneElements() {
    int group = group(StepConfig.nlarcm(), DType.FLOAT32);
    tensor(group, (1L << 33) + 1, true);
    assertEquals((1L << 21) + 1, schedule().chunks());
  }
}
