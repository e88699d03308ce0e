package io.nlar.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Scaling;
import io.nlar.Slot;
import io.nlar.Step;
import io.nlar.StepConfig;
import io.nlar.spi.Binding;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import io.nlar.spi.device.AbstractBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors that touch in memory are updated as one, and have the bits of tensors that lie apart. */
class NeighboursTest {
  private static final int CASES = 56;
  private static final int STEPS = 3;
  private static final byte UNTOUCHED = 0x5a;

  private static final List<StepConfig> CONFIGS = List.of(StepConfig.nlarcm(), StepConfig.nlarsm(), StepConfig.adamw(),
      StepConfig.nlarcm().withScaling(new Scaling.TensorNorm(0.1)),
      StepConfig.nlarcm().withScaling(new Scaling.Value(0.5)).withWeightDecay(0.1),
      StepConfig.nlarcm().withNoise(new Noise.Fresh(7)).withNoiseScale(0.5),
      StepConfig.nlarpm().withNoise(new Noise.Frozen(9)).withNoiseScale(0.5));

  /** A tensor of a case; before its values and its gradients lie so many other elements. */
  private record Tensor(String name, int group, int length, int valueGap, int gradientGap, boolean hasGradient,
      boolean zeroGradient) {}

  private static List<Tensor> tensors(SplittableRandom random, int groups) {
    List<Tensor> tensors = new ArrayList<>();
    int count = 2 + random.nextInt(14);
    for (int i = 0; i < count; i++) {
      int length = random.nextInt(8) == 0 ? 1000 + random.nextInt(3000) : random.nextInt(90);
      tensors.add(new Tensor("t" + i, i * groups / count, length, gap(random), gap(random), random.nextInt(6) > 0,
          random.nextInt(5) == 0));
    }
    return tensors;
  }

  private static int gap(SplittableRandom random) {
    return random.nextInt(6) == 0 ? 1 + random.nextInt(3) : 0;
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "FLOAT64"})
  void haveTheBitsOfTensorsThatLieApart(DType type) {
    for (int seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<StepConfig> configs = List.of(
          CONFIGS.get(seed % CONFIGS.size()), CONFIGS.get(random.nextInt(CONFIGS.size())));
      List<Tensor> tensors = tensors(random, 1 + random.nextInt(2));
      boolean heap = random.nextBoolean();
      int threads = 1 + random.nextInt(3);
      List<byte[]> apart = train(type, configs, tensors, false, false, 1, seed);
      List<byte[]> together = train(type, configs, tensors, true, heap, threads, seed);
      for (int i = 0; i < apart.size(); i++) {
        assertArrayEquals(apart.get(i), together.get(i), "case " + seed + ", memory " + i + " of " + tensors);
      }
    }
  }

  /** Values, gradients, what lies between them, and state after some steps. */
  private static List<byte[]> train(DType type, List<StepConfig> configs, List<Tensor> tensors, boolean together,
      boolean heap, int threads, long seed) {
    List<MemorySegment> values = memory(type, tensors, Tensor::valueGap, together, heap);
    List<MemorySegment> gradients = memory(type, tensors, Tensor::gradientGap, together, heap);
    try (Device device = Devices.open(threads)) {
      List<List<Parameter>> groups = List.of(new ArrayList<>(), new ArrayList<>());
      for (int i = 0; i < tensors.size(); i++) {
        Tensor tensor = tensors.get(i);
        groups.get(tensor.group()).add(new Parameter(tensor.name(), device.wrap(type, values.get(i)),
            tensor.hasGradient() ? device.wrap(type, gradients.get(i)) : null, tensor.zeroGradient()));
      }
      List<ParameterGroup> used = new ArrayList<>();
      for (int i = 0; i < groups.size(); i++) {
        if (!groups.get(i).isEmpty()) {
          used.add(new ParameterGroup(configs.get(i), groups.get(i)));
        }
      }
      SplittableRandom random = new SplittableRandom(seed);
      values.subList(0, tensors.size()).forEach(segment -> fill(type, segment, random));
      try (Step step = device.compile(used)) {
        for (int i = 0; i < STEPS; i++) {
          gradients.subList(0, tensors.size()).forEach(segment -> fill(type, segment, random));
          step.run(1, 1);
        }
        List<byte[]> results = new ArrayList<>();
        values.forEach(segment -> results.add(segment.toArray(ValueLayout.JAVA_BYTE)));
        gradients.forEach(segment -> results.add(segment.toArray(ValueLayout.JAVA_BYTE)));
        for (Tensor tensor : tensors) {
          for (Slot slot : configs.get(tensor.group()).slots()) {
            byte[] state = new byte[tensor.length() * type.bytes()];
            step.state(tensor.name(), slot).copyTo(MemorySegment.ofArray(state));
            results.add(state);
          }
        }
        return results;
      }
    }
  }

  /** The memory of each tensor, then what lies between them: slices of one piece, or pieces of their own. */
  private static List<MemorySegment> memory(
      DType type, List<Tensor> tensors, ToIntFunction<Tensor> gap, boolean together, boolean heap) {
    int bytes = type.bytes();
    MemorySegment whole =
        memory(tensors.stream().mapToLong(t -> (long) (gap.applyAsInt(t) + t.length()) * bytes).sum(), heap);
    List<MemorySegment> memory = new ArrayList<>();
    List<MemorySegment> gaps = new ArrayList<>();
    long at = 0;
    for (Tensor tensor : tensors) {
      long start = at + (long) gap.applyAsInt(tensor) * bytes;
      long end = start + (long) tensor.length() * bytes;
      memory.add(together ? whole.asSlice(start, end - start) : memory(end - start, false));
      gaps.add(together ? whole.asSlice(at, start - at) : memory(start - at, false));
      at = end;
    }
    memory.addAll(gaps);
    return memory;
  }

  private static MemorySegment memory(long bytes, boolean heap) {
    MemorySegment memory = heap ? MemorySegment.ofArray(new byte[(int) bytes]) : Arena.ofAuto().allocate(bytes, 8);
    return memory.fill(UNTOUCHED);
  }

  private static void fill(DType type, MemorySegment memory, SplittableRandom random) {
    for (long at = 0; at < memory.byteSize(); at += type.bytes()) {
      double x = random.nextInt(10) == 0 ? 0 : random.nextGaussian();
      if (type == DType.FLOAT32) {
        memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) x);
      } else {
        memory.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, at, x);
      }
    }
  }

  @Test
  void areOneSpan() {
    for (boolean heap : new boolean[] {false, true}) {
      StepConfig config = StepConfig.nlarcm();
      assertEquals(1, spans(heap, config, 0, 3, 84, 1, 3000, 17));
      assertEquals(2, spans(heap, config, 0, 3, 84, 5000, 17), "a large one starts at a cache line");
      assertEquals(2, spans(heap, config, 1, 3, 84, 1), "there is a gap before one");
      assertEquals(2, spans(heap, config, 2, 3, 84, 1), "one in the middle has no gradient");
      assertEquals(3, spans(heap, config, 3, 3, 84, 1), "one in the middle has its gradient zeroed");
      assertEquals(3, spans(heap, config, 4, 3, 84, 1), "one's gradient lies elsewhere");
      assertEquals(3, spans(heap, config.withScaling(new Scaling.TensorNorm(1)), 0, 3, 84, 1));
      assertEquals(3, spans(heap, config.withNoise(new Noise.Fresh(1)), 0, 3, 84, 1));
      assertEquals(1, spans(heap, config.withNoise(new Noise.Frozen(1)), 0, 3, 84, 1));
    }
  }

  /** How many spans tensors in one buffer give; {@code odd} says in what the second one differs. */
  private static int spans(boolean heap, StepConfig config, int odd, int... lengths) {
    try (CpuDevice device = Devices.open()) {
      AbstractBuffer values = (AbstractBuffer) device.wrap(DType.FLOAT32, memory(40_000, heap));
      AbstractBuffer gradients = (AbstractBuffer) device.wrap(DType.FLOAT32, memory(40_000, heap));
      List<TensorPlan> tensors = new ArrayList<>();
      List<Binding> bindings = new ArrayList<>();
      long at = 0;
      for (int i = 0; i < lengths.length; i++) {
        long shift = i == 1 && odd == 4 ? 20 : 0;
        at += i == 1 && odd == 1 ? 1 : 0;
        tensors.add(new TensorPlan(i, "t" + i, 0, lengths[i]));
        AbstractBuffer gradient = (AbstractBuffer) gradients.slice(at + shift, lengths[i]);
        bindings.add(new Binding(tensors.getLast(), (AbstractBuffer) values.slice(at, lengths[i]),
            i == 1 && odd == 2 ? null : gradient, i == 1 && odd == 3));
        at += lengths[i];
      }
      StepPlan plan = new StepPlan(List.of(new GroupPlan(config, DType.FLOAT32)), tensors);
      try (StepMemory memory = new StepMemory(device, plan)) {
        Group[] groups = {new Group(plan.groups().getFirst(), slot -> memory.slot(0, slot), device.vectorBits())};
        return Span.of(plan, bindings, groups, memory::place, device.vectorBits()).length;
      }
    }
  }
}
