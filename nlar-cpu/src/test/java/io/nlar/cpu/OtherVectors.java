package io.nlar.cpu;

import com.sun.management.ThreadMXBean;
import io.nlar.DType;
import io.nlar.Device;
import io.nlar.Noise;
import io.nlar.Parameter;
import io.nlar.ParameterGroup;
import io.nlar.Precision;
import io.nlar.Step;
import io.nlar.StepConfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.util.List;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** A program that works on vectors of a shape of its own before it takes steps; says which kinds of step allocate. */
final class OtherVectors {
  static final String ALLOCATES = "allocates: ";
  static final String DONE = "all kinds of step done";

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int ELEMENTS = 4096;
  private static final int STEPS = 1000;
  /** Compiled in 2 s on an idle machine, in 20 on one where five others compute. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private OtherVectors() {}

  private record Kind(StepConfig config, DType value, DType gradient) {}

  private static List<Kind> kinds() {
    StepConfig full = StepConfig.nlarcm();
    StepConfig compact = full.withPrecision(Precision.compact());
    return List.of(
        new Kind(full, DType.FLOAT32, DType.FLOAT32),
        new Kind(full, DType.FLOAT64, DType.FLOAT64),
        new Kind(full.withNoise(new Noise.Fresh(1)), DType.FLOAT32, DType.FLOAT32),
        new Kind(compact, DType.FLOAT32, DType.FLOAT32),
        new Kind(compact, DType.BFLOAT16, DType.BFLOAT16),
        new Kind(StepConfig.nlarsm().withPrecision(Precision.compact().withMaster(Precision.Master.NONE)),
            DType.BFLOAT16, DType.FLOAT32),
        new Kind(full, DType.BFLOAT16, DType.BFLOAT16));
  }

  public static void main(String[] arguments) throws IOException {
    VectorShape shape = VectorShape.forBitSize(Integer.parseInt(arguments[0]));
    double sum = 0;
    for (int i = 0; i < 2000; i++) {
      sum += work(shape);
    }
    System.out.println("own work: " + sum);
    for (Kind kind : kinds()) {
      run(kind);
    }
    System.out.println(DONE);
  }

  /** The operations that kernels use. */
  private static double work(VectorShape shape) {
    VectorSpecies<Float> floats = VectorSpecies.of(float.class, shape);
    MemorySegment memory = MemorySegment.ofArray(new byte[1024]);
    memory.fill((byte) 0x3f);
    ByteOrder order = ByteOrder.nativeOrder();
    double sum = 0;
    for (long at = 0; at < memory.byteSize(); at += shape.vectorBitSize() / Byte.SIZE) {
      FloatVector x = FloatVector.fromMemorySegment(floats, memory, at, order);
      FloatVector y = x.add(x).mul(x).sub(x).div(x.abs().add(1)).neg();
      y.blend(x, x.lt(y).or(x.eq(y))).sqrt().abs().intoMemorySegment(memory, at, order);
      DoubleVector d = DoubleVector.fromMemorySegment(VectorSpecies.of(double.class, shape), memory, at, order);
      DoubleVector e = d.add(d).mul(d).sub(d).div(d.abs().add(1)).neg();
      sum += e.blend(d, d.lt(e).or(d.eq(e))).abs().sqrt().lane(0);
      IntVector i = IntVector.fromMemorySegment(VectorSpecies.of(int.class, shape), memory, at, order);
      i = i.lanewise(VectorOperators.LSHL, 16).and(0xFFFF).or(i).add(i).mul(i).sub(i)
          .lanewise(VectorOperators.LSHR, 3).lanewise(VectorOperators.XOR, 5).lanewise(VectorOperators.XOR, i);
      sum += i.reinterpretAsFloats().reinterpretAsInts().reinterpretAsShorts().reinterpretAsInts().lane(0);
      ShortVector s = ShortVector.fromMemorySegment(VectorSpecies.of(short.class, shape), memory, at, order);
      s = s.lanewise(VectorOperators.LSHR, 15).and((short) 7).add(s).sub(s).mul((short) 3)
          .lanewise(VectorOperators.UMIN, s).lanewise(VectorOperators.SUSUB, s);
      sum += s.reinterpretAsInts().reinterpretAsShorts().lane(0);
      LongVector l = LongVector.fromMemorySegment(VectorSpecies.of(long.class, shape), memory, at, order);
      sum += l.lanewise(VectorOperators.LSHR, 32).and(0xFFFF).add(l).mul(l).lanewise(VectorOperators.XOR, l)
          .reinterpretAsInts().lane(0);
    }
    return sum;
  }

  private static void run(Kind kind) throws IOException {
    try (Device device = Devices.open(1);
        Step step = device.compile(List.of(new ParameterGroup(kind.config, List.of(new Parameter("w",
            device.allocate(kind.value, ELEMENTS), device.allocate(kind.gradient, ELEMENTS))))))) {
      double least = Double.MAX_VALUE;
      for (long end = System.nanoTime() + PATIENCE_NANOS; least >= 1 && System.nanoTime() < end; ) {
        long before = THREADS.getTotalThreadAllocatedBytes();
        for (int i = 0; i < STEPS; i++) {
          step.await(step.run(1, 1));
        }
        least = Math.min(least, (double) (THREADS.getTotalThreadAllocatedBytes() - before) / STEPS);
      }
      if (least >= 1) {
        System.out.println(ALLOCATES + least + " bytes a step, " + kind + "\n" + AllocationProbe.samples(step, null));
      }
    }
  }
}
