package io.nlar.opencl;

import io.nlar.spi.Binding;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.util.ArrayList;
import java.util.List;
import org.jocl.cl_mem;

/**
 * Which launches a step takes, and the tables that they read: a row for each tensor and a
 * list of chunks, in which each launch's follow each other, with the bounds of its work-groups' shares.
 */
final class LaunchPlan {
  /** Memory objects of values, and of gradients, that one launch takes. */
  static final int OBJECTS = 8;

  /** What a chunk costs beside its elements (its scalars, its place in the tables), in elements. */
  private static final int CHUNK_COST = 256;

  /** A tensor's row; offsets and lengths are in elements. */
  static final Row TENSOR = new Row("TENSOR");
  private static final int LENGTH = TENSOR.word("LENGTH");
  private static final int VALUE = TENSOR.word("VALUE");
  private static final int GRADIENT = TENSOR.word("GRADIENT");
  private static final int STATE = TENSOR.word("STATE");
  private static final int VALUE_OBJECT = TENSOR.word("VALUE_OBJECT");
  private static final int GRADIENT_OBJECT = TENSOR.word("GRADIENT_OBJECT");
  private static final int ZERO_GRADIENT = TENSOR.word("ZERO_GRADIENT");
  private static final int GROUP = TENSOR.word("GROUP");
  private static final int BLOCKS = TENSOR.word("BLOCKS");
  private static final int PARTS = TENSOR.word("PARTS");
  private static final int NAME_HASH = TENSOR.word("NAME_HASH");
  private static final int HAS_GRADIENT = TENSOR.word("HAS_GRADIENT");
  private static final int ALIGNED = TENSOR.word("ALIGNED");

  /** One launch of each pass, over consecutive chunks. */
  static final class Launch {
    final StateArenas.Arena arena;
    final List<cl_mem> values = new ArrayList<>();
    final List<cl_mem> gradients = new ArrayList<>();
    final int firstChunk;
    int chunks;
    int groups;
    int firstShare;

    private Launch(StateArenas.Arena arena, int firstChunk) {
      this.arena = arena;
      this.firstChunk = firstChunk;
    }

    private boolean takes(cl_mem value, cl_mem gradient) {
      return (find(values, value) >= 0 || values.size() < OBJECTS)
          && (find(gradients, gradient) >= 0 || gradients.size() < OBJECTS);
    }
  }

  private final StateArenas state;
  private final Mapping mapping;
  private final List<Launch> launches = new ArrayList<>();
  private final long[] rows;
  private final int[] chunks;
  private final int[] shares;
  private long blocks;
  private long parts;

  LaunchPlan(StepPlan plan, List<Binding> bindings, StateArenas state, Mapping mapping) {
    this.state = state;
    this.mapping = mapping;
    rows = new long[Math.multiplyExact(plan.tensors().size(), TENSOR.length())];
    long count = 0;
    for (TensorPlan tensor : plan.tensors()) {
      count += chunks(tensor, bindings.get(tensor.index()));
      describe(tensor, bindings.get(tensor.index()));
    }
    chunks = new int[Math.multiplyExact(2, Math.toIntExact(count))];
    for (StateArenas.Arena arena : state.arenas()) {
      lay(arena, bindings);
    }
    if (launches.isEmpty()) {
      // Nothing to update, but the sums and the end of the step are still to be written.
      launches.add(new Launch(state.arenas().getFirst(), 0));
    }
    shares = share();
  }

  private long chunks(TensorPlan tensor, Binding binding) {
    return binding.gradient() == null ? 0 : Math.ceilDiv(tensor.length(), mapping.chunk());
  }

  private void describe(TensorPlan tensor, Binding binding) {
    int at = tensor.index() * TENSOR.length();
    rows[at + LENGTH] = tensor.length();
    rows[at + STATE] = state.offset(tensor);
    rows[at + GROUP] = tensor.group();
    rows[at + BLOCKS] = blocks;
    rows[at + PARTS] = parts;
    rows[at + NAME_HASH] = tensor.nameHash();
    blocks += Math.ceilDiv(tensor.length(), (long) Mapping.BLOCK);
    parts += Math.ceilDiv(tensor.length(), (long) Mapping.BLOCK * Mapping.BLOCK);
    if (binding.gradient() != null) {
      OpenClBuffer value = (OpenClBuffer) binding.value();
      OpenClBuffer gradient = (OpenClBuffer) binding.gradient();
      int vector = mapping.vector(value.type());
      rows[at + HAS_GRADIENT] = 1;
      rows[at + VALUE] = value.firstElement();
      rows[at + GRADIENT] = gradient.firstElement();
      rows[at + ZERO_GRADIENT] = binding.zeroGradient() ? 1 : 0;
      rows[at + ALIGNED] = value.alignedTo(vector) && gradient.alignedTo(vector) && state.offset(tensor) % vector == 0
          ? 1
          : 0;
    }
  }

  private void lay(StateArenas.Arena arena, List<Binding> bindings) {
    Launch launch = null;
    for (TensorPlan tensor : arena.tensors) {
      Binding binding = bindings.get(tensor.index());
      int count = (int) chunks(tensor, binding);
      if (count > 0) {
        cl_mem value = ((OpenClBuffer) binding.value()).memory();
        cl_mem gradient = ((OpenClBuffer) binding.gradient()).memory();
        if (launch == null || !launch.takes(value, gradient)) {
          launch = new Launch(arena, launches.isEmpty() ? 0 : end(launches.getLast()));
          launches.add(launch);
        }
        rows[tensor.index() * TENSOR.length() + VALUE_OBJECT] = index(launch.values, value);
        rows[tensor.index() * TENSOR.length() + GRADIENT_OBJECT] = index(launch.gradients, gradient);
        for (int number = 0; number < count; number++) {
          chunks[2 * (end(launch) + number)] = tensor.index();
          chunks[2 * (end(launch) + number) + 1] = number;
        }
        launch.chunks += count;
      }
    }
  }

  private int[] share() {
    int count = 0;
    for (Launch launch : launches) {
      launch.groups = mapping.groupsFor(launch.chunks);
      launch.firstShare = count;
      count = Math.addExact(count, launch.groups + 1);
    }
    int[] bounds = new int[count];
    for (Launch launch : launches) {
      long[] costs = new long[launch.chunks];
      for (int i = 0; i < costs.length; i++) {
        int chunk = 2 * (launch.firstChunk + i);
        long length = rows[chunks[chunk] * TENSOR.length() + LENGTH];
        costs[i] = CHUNK_COST + Math.min(mapping.chunk(), length - chunks[chunk + 1] * mapping.chunk());
      }
      Shares.divide(costs, launch.groups, bounds, launch.firstShare);
    }
    return bounds;
  }

  private static int end(Launch launch) {
    return launch.firstChunk + launch.chunks;
  }

  private static int find(List<cl_mem> objects, cl_mem object) {
    for (int i = 0; i < objects.size(); i++) {
      if (objects.get(i).getNativePointer() == object.getNativePointer()) {
        return i;
      }
    }
    return -1;
  }

  private static int index(List<cl_mem> objects, cl_mem object) {
    int known = find(objects, object);
    if (known < 0) {
      objects.add(object);
    }
    return known < 0 ? objects.size() - 1 : known;
  }

  List<Launch> launches() {
    return launches;
  }

  /** The tensor table. */
  long[] rows() {
    return rows;
  }

  /** The chunk table: tensor and number within it. */
  int[] chunks() {
    return chunks;
  }

  /** Where the work-groups' shares of chunks begin, and behind each launch's last where it ends. */
  int[] shares() {
    return shares;
  }

  /** Blocks of all tensors, in the sums' first level. */
  static long blocks(StepPlan plan) {
    return plan.tensors().stream().mapToLong(t -> Math.ceilDiv(t.length(), (long) Mapping.BLOCK)).sum();
  }

  /** Parts of all tensors: 1024 blocks each. */
  static long parts(StepPlan plan) {
    return plan.tensors().stream()
        .mapToLong(t -> Math.ceilDiv(t.length(), (long) Mapping.BLOCK * Mapping.BLOCK))
        .sum();
  }
}
