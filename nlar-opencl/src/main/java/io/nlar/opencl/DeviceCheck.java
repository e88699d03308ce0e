package io.nlar.opencl;

import io.nlar.DeviceUnavailableException;
import io.nlar.spi.Releases;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jocl.CL;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;

/**
 * What a device does rather than what its driver says of it, tried out when it is first opened.
 *
 * @param refusal why no step can have the right bits on it; empty if it can
 * @param hostMemory whether it works on native host memory in place. OpenCL promises that for mapped memory only; what
 *     shares the host's caches does so always.
 */
record DeviceCheck(Optional<String> refusal, boolean hostMemory) {
  /** Host memory starts on an element, not on a page: callers' does. */
  private static final long PAGE = 4096;

  private record Key(long device, String options) {}

  private static final Map<Key, DeviceCheck> DONE = new ConcurrentHashMap<>();

  /**
   * Checks a device, once a process.
   *
   * @throws DeviceUnavailableException if it is to be refused
   */
  static DeviceCheck pass(DeviceFacts facts, Mapping mapping, cl_context context, BinaryCache cache) {
    String options = Sources.checkOptions(mapping, facts.roundedDivision());
    Key key = new Key(facts.id().getNativePointer(), options);
    DeviceCheck check = DONE.get(key);
    if (check == null) {
      check = run(facts, context, cache, Sources.CHECK, options);
      DONE.put(key, check);
    }
    check.refusal.ifPresent(why -> {
      throw new DeviceUnavailableException(facts.name() + " " + why);
    });
    return check;
  }

  static DeviceCheck run(DeviceFacts facts, cl_context context, BinaryCache cache, String source, String options) {
    Releases resources = new Releases();
    try {
      cl_command_queue handle = OpenClDevice.createQueue(context, facts.id());
      resources.add(() -> Cl.run("release a queue", () -> CL.clReleaseCommandQueue(handle)));
      Programs programs = new Programs(context, facts, cache);
      resources.add(programs::release);
      CommandQueue queue = new CommandQueue(handle);
      resources.add(queue::finish);
      MemoryBudget budget = new MemoryBudget(facts);
      Optional<String> refusal = computesOtherwise(context, queue, budget, resources,
          kernel(programs, "known_answers", source, options, resources))
          .or(() -> keepsOtherwise(context, queue, budget, resources,
              kernel(programs, "known_storage", source, options, resources)));
      boolean hostMemory = facts.cpu()
          && sharesMemory(context, queue, budget, kernel(programs, "share", source, options, resources));
      return new DeviceCheck(refusal, hostMemory);
    } catch (Throwable failure) {
      resources.releaseAfter(failure);
      throw failure;
    } finally {
      resources.release();
    }
  }

  private static Kernel kernel(Programs programs, String name, String source, String options, Releases resources) {
    Kernel kernel = new Kernel(programs.kernel(name, source, options), 1, 1);
    resources.add(kernel::release);
    return kernel;
  }

  private static Optional<String> computesOtherwise(cl_context context, CommandQueue queue, MemoryBudget budget,
      Releases resources, Kernel kernel) {
    KnownAnswers answers = KnownAnswers.create();
    float[] single = new float[KnownAnswers.answers()];
    double[] twice = new double[KnownAnswers.answers()];
    MemoryObject[] memory = new MemoryObject[4];
    for (int i = 0; i < memory.length; i++) {
      long numbers = i < 2 ? answers.singles.length : single.length;
      int bytes = i % 2 == 0 ? Float.BYTES : Double.BYTES;
      memory[i] = MemoryObject.allocate(context, numbers * bytes, "the check of the device", budget);
      resources.add(memory[i]::release);
    }
    queue.write(memory[0].handle(), 0, MemorySegment.ofArray(answers.singles));
    queue.write(memory[1].handle(), 0, MemorySegment.ofArray(answers.doubles));
    kernel.memory(memory[0].handle()).memory(memory[1].handle()).number(KnownAnswers.COUNT)
        .memory(memory[2].handle()).memory(memory[3].handle())
        .launch(queue);
    queue.read(memory[2].handle(), 0, MemorySegment.ofArray(single));
    queue.read(memory[3].handle(), 0, MemorySegment.ofArray(twice));
    return answers.difference(single, twice);
  }

  private static Optional<String> keepsOtherwise(cl_context context, CommandQueue queue, MemoryBudget budget,
      Releases resources, Kernel kernel) {
    KnownStorage known = new KnownStorage();
    short[] halves = new short[KnownStorage.HALVES * KnownStorage.COUNT];
    int[] words = new int[KnownStorage.WORDS * KnownStorage.COUNT];
    List<MemorySegment> host = List.of(MemorySegment.ofArray(known.numbers), MemorySegment.ofArray(known.patterns),
        MemorySegment.ofArray(halves), MemorySegment.ofArray(words));
    List<MemoryObject> memory = host.stream()
        .map(each -> resources.add(
            MemoryObject.allocate(context, each.byteSize(), "the check of the device", budget), MemoryObject::release))
        .toList();
    queue.write(memory.get(0).handle(), 0, host.get(0));
    queue.write(memory.get(1).handle(), 0, host.get(1));
    kernel.memory(memory.get(0).handle()).memory(memory.get(1).handle()).number(KnownStorage.COUNT)
        .memory(memory.get(2).handle()).memory(memory.get(3).handle())
        .launch(queue);
    queue.read(memory.get(2).handle(), 0, host.get(2));
    queue.read(memory.get(3).handle(), 0, host.get(3));
    return known.difference(halves, words);
  }

  private static boolean sharesMemory(cl_context context, CommandQueue queue, MemoryBudget budget, Kernel kernel) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(2 * PAGE, PAGE).asSlice(Integer.BYTES, 2 * Integer.BYTES);
      MemoryObject memory = MemoryObject.over(context, x, false, budget);
      try {
        kernel.memory(memory.handle());
        boolean shared = true;
        for (int value = 7; value < 9; value++) {
          x.setAtIndex(ValueLayout.JAVA_INT, 0, value);
          kernel.launch(queue);
          queue.finish();
          shared &= x.getAtIndex(ValueLayout.JAVA_INT, 1) == value + 1;
        }
        return shared;
      } finally {
        queue.finish();
        memory.release();
      }
    }
  }
}
