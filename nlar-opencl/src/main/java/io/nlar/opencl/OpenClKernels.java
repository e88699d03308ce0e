package io.nlar.opencl;

import io.nlar.DType;
import io.nlar.spi.Codes;
import io.nlar.spi.Releases;
import io.nlar.spi.queue.DeviceMemory;
import io.nlar.spi.queue.Kernels;
import io.nlar.spi.queue.Part;
import io.nlar.spi.queue.StepMemory;
import io.nlar.spi.queue.StepTables;
import io.nlar.spi.queue.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_mem;

/** The kernels in OpenCL C, built for a device, and their launches. */
final class OpenClKernels implements Kernels {
  /** Memory objects of values, and of gradients, that one launch takes. */
  static final int OBJECTS = 8;

  /** What a chunk costs beside its elements (its scalars, its place in the tables), in elements. */
  private static final int CHUNK_COST = 256;

  private final OpenClQueue queue;
  private final CommandQueue commands;
  private final Programs programs;
  private final Mapping mapping;
  private final boolean roundedDivision;

  OpenClKernels(OpenClQueue queue, CommandQueue commands, Programs programs, Mapping mapping, DeviceFacts facts) {
    this.queue = queue;
    this.commands = commands;
    this.programs = programs;
    this.mapping = mapping;
    this.roundedDivision = facts.roundedDivision();
  }

  @Override
  public int chunk() {
    return Math.toIntExact(mapping.chunk());
  }

  @Override
  public int alignment(DType type) {
    return mapping.vector(type.arithmetic()) * type.bytes();
  }

  @Override
  public int stateAlignment(DType type) {
    return type.bytes();
  }

  @Override
  public int objects() {
    return OBJECTS;
  }

  @Override
  public void prepare(DType gradient) {
    programs.build(Sources.REDUCE, Sources.reduceOptions(gradient, mapping, roundedDivision));
  }

  @Override
  public void prepare(Variant variant) {
    programs.build(Sources.apply(variant.rule()), Sources.applyOptions(variant, mapping, roundedDivision));
  }

  @Override
  public Reduction reduction(DType gradient, StepMemory memory, Part part) {
    Releases releases = new Releases();
    try {
      Kernel kernel = kernel("reduce", Sources.REDUCE,
          Sources.reduceOptions(gradient, mapping, roundedDivision), part, releases);
      kernel.memory(handles(part.gradients()), OBJECTS)
          .memory(handle(memory.memory()))
          .place(memory.tensors()).place(chunks(memory, part)).place(memory.nodes()).place(nodeArrivals(memory))
          .place(memory.sums())
          .number(part.chunks()).memory(shares(part, releases))
          .local((long) mapping.groupSize() * Sizeof.cl_double).local(Sizeof.cl_uint);
      return new Reduction() {
        @Override
        public void run() {
          kernel.launch(commands);
        }

        @Override
        public void close() {
          releases.release();
        }
      };
    } catch (Throwable failure) {
      releases.releaseAfter(failure);
      throw failure;
    }
  }

  @Override
  public Update update(Variant variant, StepMemory memory, Part part) {
    Releases releases = new Releases();
    boolean observes = variant.keeps() == Codes.KEEPS_LOG_RATE;
    try {
      Kernel kernel = kernel("apply", Sources.apply(variant.rule()),
          Sources.applyOptions(variant, mapping, roundedDivision), part, releases);
      kernel.memory(handles(part.values()), OBJECTS)
          .memory(handles(part.gradients()), OBJECTS)
          .memory(handles(part.slots()), StepTables.MOST_SLOTS)
          .memory(handle(memory.memory()))
          .place(memory.tensors()).place(chunks(memory, part)).place(memory.groups()).place(memory.control())
          .place(memory.sums()).place(memory.arrivals())
          .number(memory.tensorCount()).number(part.chunks()).memory(shares(part, releases))
          .memory(handle(memory.refusals()))
          .local(Sizeof.cl_uint)
          .place(memory.nodes()).place(memory.kept()).place(memory.products()).place(memory.values())
          .local(observes ? (long) Math.max(mapping.groupSize(), StepTables.PRODUCTS * StepTables.LANES) * Sizeof.cl_double
              : Sizeof.cl_double)
          .local(observes ? 2L * StepTables.BLOCK * variant.type().bytes() : Sizeof.cl_double);
      return new Applying(kernel, releases);
    } catch (Throwable failure) {
      releases.releaseAfter(failure);
      throw failure;
    }
  }

  private Kernel kernel(String name, String source, String options, Part part, Releases releases) {
    return releases.add(new Kernel(programs.kernel(name, source, options), mapping.groupsFor(part.chunks()),
        mapping.groupSize()), Kernel::release);
  }

  private static long chunks(StepMemory memory, Part part) {
    return memory.chunks() + (long) part.first() * StepTables.CHUNK.bytes();
  }

  /** The counters of the nodes lie behind the one of the update's work-groups. */
  private static long nodeArrivals(StepMemory memory) {
    return memory.arrivals() + Integer.BYTES;
  }

  private static cl_mem handle(DeviceMemory memory) {
    return ((MemoryObject) memory).handle();
  }

  private static List<cl_mem> handles(List<DeviceMemory> memory) {
    return memory.stream().map(OpenClKernels::handle).toList();
  }

  /** Where the work-groups' shares of the chunks begin, and the last one's ends; null where they take turns. */
  private cl_mem shares(Part part, Releases releases) {
    if (mapping.groupSize() > 1) {
      return null;
    }
    long[] costs = new long[part.chunks()];
    for (int i = 0; i < costs.length; i++) {
      costs[i] = CHUNK_COST + part.elements().applyAsInt(i);
    }
    int[] bounds = Mapping.divide(costs, mapping.groupsFor(part.chunks()));
    MemorySegment table = MemorySegment.ofArray(bounds);
    DeviceMemory memory = releases.add(
        queue.memory(table.byteSize(), "the work-groups' shares of a step"), DeviceMemory::release);
    queue.write(memory, 0, table);
    return handle(memory);
  }

  /** An update, whose scalars lie in arrays that JOCL reads when they are set; only what changes is set. */
  private final class Applying implements Update {
    private final Kernel kernel;
    private final Releases releases;
    private final double[] scale = {Double.NaN};
    private final double[] factor = {Double.NaN};
    private final long[] ticket = {0};
    private final int[] flags = {-1};
    private final Pointer scalePointer = Pointer.to(scale);
    private final Pointer factorPointer = Pointer.to(factor);
    private final Pointer ticketPointer = Pointer.to(ticket);
    private final Pointer flagsPointer = Pointer.to(flags);
    private final int firstScalar;

    Applying(Kernel kernel, Releases releases) {
      this.kernel = kernel;
      this.releases = releases;
      firstScalar = kernel.reserve(4);
      kernel.set(firstScalar + 2, Sizeof.cl_long, ticketPointer);
    }

    @Override
    public void run(long number, double gradientScale, double rateFactor, int flagBits) {
      if (Double.doubleToRawLongBits(scale[0]) != Double.doubleToRawLongBits(gradientScale)) {
        scale[0] = gradientScale;
        kernel.set(firstScalar, Sizeof.cl_double, scalePointer);
      }
      if (Double.doubleToRawLongBits(factor[0]) != Double.doubleToRawLongBits(rateFactor)) {
        factor[0] = rateFactor;
        kernel.set(firstScalar + 1, Sizeof.cl_double, factorPointer);
      }
      if ((flagBits & StepTables.FINISHES) != 0) { // only the last launch notes a refused ticket
        ticket[0] = number;
        kernel.set(firstScalar + 2, Sizeof.cl_long, ticketPointer);
      }
      if (flags[0] != flagBits) {
        flags[0] = flagBits;
        kernel.set(firstScalar + 3, Sizeof.cl_int, flagsPointer);
      }
      kernel.launch(commands);
    }

    @Override
    public void close() {
      releases.release();
    }
  }
}
