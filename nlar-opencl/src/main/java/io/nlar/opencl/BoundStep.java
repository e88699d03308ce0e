package io.nlar.opencl;

import io.nlar.ParameterException;
import io.nlar.opencl.LaunchPlan.Launch;
import io.nlar.spi.AbstractBuffer;
import io.nlar.spi.Binding;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;
import org.jocl.Pointer;
import org.jocl.Sizeof;

/** A step bound to buffers: its tables on the device, and its kernels with all arguments that do not change. */
final class BoundStep {
  /** Bits of the apply kernel's flags. */
  static final int SCALARS_GIVEN = 1;
  static final int FINISHES = 2;
  static final int REDUCED = 4;
  static final int REFUSES = 8;

  private final OpenClDevice device;
  private final Resources resources = new Resources();
  private final Kernel[] reduce;
  private final Kernel[] apply;
  private final MemorySegment[] hosts;

  /** The scalars of apply, in arrays that JOCL reads when they are set. */
  private final double[] scale = {Double.NaN};
  private final double[] factor = {Double.NaN};
  private final long[] ticket = {0};
  private final int[] flags = {-1};
  private final Pointer scalePointer = Pointer.to(scale);
  private final Pointer factorPointer = Pointer.to(factor);
  private final Pointer ticketPointer = Pointer.to(ticket);
  private final Pointer flagsPointer = Pointer.to(flags);
  private int firstScalar;

  BoundStep(OpenClDevice device, StepPlan plan, List<Binding> bindings, StateArenas state, StepMemory memory) {
    this.device = device;
    plan.tensors().forEach(tensor -> checkWritable(tensor, bindings.get(tensor.index())));
    LaunchPlan launches = new LaunchPlan(plan, bindings, state, device.mapping());
    reduce = new Kernel[launches.launches().size()];
    apply = new Kernel[reduce.length];
    hosts = bindings.stream()
        .flatMap(b -> b.gradient() == null ? Stream.of(b.value()) : Stream.of(b.value(), b.gradient()))
        .map(buffer -> ((OpenClBuffer) buffer).host())
        .filter(host -> host != null)
        .toArray(MemorySegment[]::new);
    try {
      MemoryObject tensors = resources.upload(device, MemorySegment.ofArray(launches.rows()));
      MemoryObject chunks = resources.upload(device, MemorySegment.ofArray(launches.chunks()));
      MemoryObject shares = resources.upload(device, MemorySegment.ofArray(launches.shares()));
      int tensorCount = plan.tensors().size();
      for (int i = 0; i < reduce.length; i++) {
        Launch launch = launches.launches().get(i);
        boolean last = i == reduce.length - 1;
        reduce[i] = reduce(launch, tensors, tensorCount, chunks, shares, memory, last);
        apply[i] = apply(launch, tensors, tensorCount, chunks, shares, memory);
      }
    } catch (Throwable failure) {
      resources.releaseAfter(failure);
      throw failure;
    }
  }

  private static void checkWritable(TensorPlan tensor, Binding binding) {
    if (binding.gradient() != null) {
      refuseReadOnly(binding.value(), "value", tensor);
      if (binding.zeroGradient()) {
        refuseReadOnly(binding.gradient(), "gradient, which is to be zeroed,", tensor);
      }
    }
  }

  private static void refuseReadOnly(AbstractBuffer buffer, String role, TensorPlan tensor) {
    if (((OpenClBuffer) buffer).readOnly()) {
      throw new ParameterException("the " + role + " of parameter '" + tensor.name() + "' lies in a memory object that"
          + " kernels may only read (CL_MEM_READ_ONLY); make it with CL_MEM_READ_WRITE");
    }
  }

  private Kernel kernel(String name, String source, String options, Launch launch) {
    Kernel kernel = new Kernel(
        device.programs().kernel(name, source, options), launch.groups, device.mapping().groupSize());
    resources.add(kernel::release);
    return kernel;
  }

  private Kernel reduce(Launch launch, MemoryObject tensors, int tensorCount, MemoryObject chunks, MemoryObject shares,
      StepMemory memory, boolean last) {
    String options = KernelOptions.reduce(
        launch.arena.variant.type(), device.mapping(), device.facts().roundedDivision());
    return kernel("reduce", Sources.REDUCE, options, launch)
        .memory(launch.gradients, LaunchPlan.OBJECTS)
        .memory(tensors.handle()).number(tensorCount)
        .memory(chunks.handle()).number(launch.firstChunk).number(launch.chunks)
        .memory(shares.handle()).number(launch.firstShare)
        .memory(memory.blockSums().handle()).memory(memory.partSums().handle()).memory(memory.arrivals().handle())
        .memory(memory.sums().memory()).memory(memory.scratch().handle())
        .number(last ? 1 : 0)
        .local((long) device.mapping().groupSize() * Sizeof.cl_double).local(Sizeof.cl_uint);
  }

  private Kernel apply(Launch launch, MemoryObject tensors, int tensorCount, MemoryObject chunks, MemoryObject shares,
      StepMemory memory) {
    String options = KernelOptions.apply(launch.arena.variant, device.mapping(), device.facts().roundedDivision());
    Kernel kernel = kernel("apply", Sources.apply(launch.arena.variant.rule()), options, launch)
        .memory(launch.values, LaunchPlan.OBJECTS)
        .memory(launch.gradients, LaunchPlan.OBJECTS)
        .memory(launch.arena.memory(), StateArenas.MOST_SLOTS)
        .memory(tensors.handle()).number(tensorCount)
        .memory(chunks.handle()).number(launch.firstChunk).number(launch.chunks)
        .memory(shares.handle()).number(launch.firstShare)
        .memory(memory.settings().handle()).memory(memory.control().memory()).memory(memory.sums().memory())
        .memory(memory.ends().handle()).memory(memory.refused().handle())
        .local(Sizeof.cl_uint);
    firstScalar = kernel.reserve(4);
    return kernel;
  }

  /** The wrapped host memory among the values and gradients. */
  MemorySegment[] hosts() {
    return hosts;
  }

  /** Enqueues the reduction. Allocates nothing. */
  void enqueueReduce(CommandQueue queue) {
    for (Kernel kernel : reduce) {
      kernel.launch(queue);
    }
  }

  /** Enqueues the update. Allocates nothing. */
  void enqueueApply(CommandQueue queue, long number, double gradientScale, double rateFactor, int flagBits) {
    if (Double.doubleToRawLongBits(scale[0]) != Double.doubleToRawLongBits(gradientScale)) {
      scale[0] = gradientScale;
      setAll(0, Sizeof.cl_double, scalePointer);
    }
    if (Double.doubleToRawLongBits(factor[0]) != Double.doubleToRawLongBits(rateFactor)) {
      factor[0] = rateFactor;
      setAll(1, Sizeof.cl_double, factorPointer);
    }
    Kernel last = apply[apply.length - 1];
    if (flags[0] != (flagBits | FINISHES)) {
      flags[0] = flagBits;
      setAll(3, Sizeof.cl_int, flagsPointer);
      ticket[0] = 0;
      setAll(2, Sizeof.cl_long, ticketPointer);
      flags[0] = flagBits | FINISHES;
      last.set(firstScalar + 3, Sizeof.cl_int, flagsPointer);
    }
    ticket[0] = number;
    last.set(firstScalar + 2, Sizeof.cl_long, ticketPointer);
    for (Kernel kernel : apply) {
      kernel.launch(queue);
    }
  }

  private void setAll(int scalar, long bytes, Pointer value) {
    for (Kernel kernel : apply) {
      kernel.set(firstScalar + scalar, bytes, value);
    }
  }

  /** Releases tables and kernels; what is enqueued keeps them until it is done. */
  void release() {
    resources.release();
  }
}
