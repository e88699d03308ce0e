package io.nlar.internal;

import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.internal.StateHeader.Stored;
import io.nlar.internal.StateHeader.StoredParameter;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.SlotPlan;
import io.nlar.spi.StepEngine;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The files that a state is restored from: one of whole tensors, or several that have parts of them, however many workers wrote them. A step
 * takes what is its own, by name and range.
 */
final class StateSet implements AutoCloseable {
  private static final Set<Slot> MASTERS = EnumSet.of(Slot.REMAINDER, Slot.MASTER);
  private static final int SHOWN = 3;

  private final List<StateReader> readers = new ArrayList<>();

  /** An input that is opened when its turn comes. */
  interface Opening {
    StateInput open() throws IOException;
  }

  /** What one file has of a parameter of the step. */
  private record Piece(StateReader reader, StoredParameter stored) {}

  /**
   * Takes in a state and checks that it is whole and undamaged, whatever step it fits.
   *
   * @param source what messages call it, such as a file's path
   * @param known the step's parameters by name
   */
  void add(Object source, Opening input, Map<String, TensorPlan> known) throws IOException {
    readers.add(StateReader.open(source, input.open(), known));
  }

  /** What messages call all of it. */
  String source() {
    return readers.stream().limit(SHOWN).map(reader -> reader.source().toString()).collect(Collectors.joining(", "))
        + (readers.size() > SHOWN ? " and " + (readers.size() - SHOWN) + " more" : "");
  }

  private boolean several() {
    return readers.size() > 1;
  }

  private String file(StateReader reader) {
    return several() ? reader.source().toString() : "the file";
  }

  /**
   * Checks that files and step fit under {@code mode}.
   *
   * @return what is to be loaded from each file, in the file's order
   */
  Map<StateReader, List<StateReader.Source>> match(StepPlan plan, Restore mode) {
    Problems problems = new Problems();
    Map<StateReader, List<StateReader.Source>> sources = new LinkedHashMap<>();
    readers.forEach(reader -> sources.put(reader, new ArrayList<>()));
    int shared = 0;
    for (TensorPlan tensor : plan.tensors()) {
      List<Piece> pieces = pieces(tensor);
      if (!pieces.isEmpty()) {
        shared++;
        new Match(plan.groupOf(tensor), tensor, pieces, mode, problems, sources).check();
      } else if (mode != Restore.MATCHING) {
        problems.add("parameter '" + tensor.name() + "' is missing in " + (several() ? "all files" : "the file"));
      }
    }
    for (StateReader reader : readers) {
      UnknownNames unknown = reader.header().unknownParameters();
      if (mode != Restore.MATCHING) {
        problems.add(unknown, file(reader) + " has a parameter '%s' that the step has not");
        if (unknown.count() == 0) {
          problems.add(reader.header().unknownTensors(), file(reader) + " has a tensor '%s' that belongs to no parameter");
        }
      }
    }
    checkCounters(problems);
    if (shared == 0) {
      problems.addFirst((several() ? "the files" : "the file") + " and the step have no parameter in common");
    }
    problems.throwIfAny("cannot restore from " + source() + " (" + mode + "): ");
    sources.values().forEach(own -> own.sort(Comparator.comparingLong(source -> source.stored().start())));
    return sources;
  }

  private List<Piece> pieces(TensorPlan tensor) {
    List<Piece> pieces = new ArrayList<>();
    for (StateReader reader : readers) {
      StoredParameter stored = reader.header().parameter(tensor);
      if (stored != null) {
        pieces.add(new Piece(reader, stored));
      }
    }
    return pieces;
  }

  private void checkCounters(Problems problems) {
    StateReader first = readers.getFirst();
    for (StateReader other : readers) {
      if (other.header().applied() != first.header().applied() || other.header().skipped() != first.header().skipped()) {
        problems.add(first.source() + " was saved after " + counters(first) + ", " + other.source() + " after "
            + counters(other) + ": they are not of one save");
        return;
      }
    }
  }

  private static String counters(StateReader reader) {
    return reader.header().applied() + " applied and " + reader.header().skipped() + " skipped steps";
  }

  /** A parameter of the step against what the files have of it. */
  private final class Match {
    private final GroupPlan group;
    private final TensorPlan tensor;
    private final List<Piece> pieces;
    private final Restore mode;
    private final Problems problems;
    private final Map<StateReader, List<StateReader.Source>> sources;

    Match(GroupPlan group, TensorPlan tensor, List<Piece> pieces, Restore mode, Problems problems,
        Map<StateReader, List<StateReader.Source>> sources) {
      this.group = group;
      this.tensor = tensor;
      this.pieces = pieces;
      this.mode = mode;
      this.problems = problems;
      this.sources = sources;
    }

    void check() {
      Piece first = pieces.getFirst();
      checkSettings(first.stored);
      for (Piece other : pieces) {
        if (!other.stored.settings().equals(first.stored.settings())) {
          problems.add("parameter '" + tensor.name() + "' has other settings in " + other.reader.source() + " than in "
              + first.reader.source());
        }
      }
      Map<Slot, SlotPlan> slots = new EnumMap<>(Slot.class);
      group.allSlots().forEach(slot -> slots.put(slot.slot(), slot));
      boolean located = false;
      for (Slot slot : Slot.values()) {
        List<Piece> having = having(slot, slots.get(slot));
        if (having.isEmpty()) {
          continue;
        }
        if (slot.perParameter()) {
          takeNumber(slot, having);
        } else {
          takeElements(slot, having, !located);
          located = true;
        }
      }
    }

    private void checkSettings(StoredParameter stored) {
      Set<String> compared = new LinkedHashSet<>();
      Map<String, String> own = ConfigMap.of(group.config());
      if (mode == Restore.MATCHING) {
        compared.add(ConfigMap.ESTIMATOR);
      } else {
        compared.addAll(own.keySet());
        compared.addAll(stored.settings().keySet());
      }
      if (mode == Restore.CONVERTING) {
        compared.removeAll(ConfigMap.PRECISION);
      }
      for (String key : compared) {
        if (!Objects.equals(own.get(key), stored.settings().get(key))) {
          problems.add("parameter '" + tensor.name() + "' was saved with " + said(stored.settings(), key)
              + ", the step has " + said(own, key));
        }
      }
    }

    /** The pieces that have a slot which the step keeps, as it keeps it; none where something is wrong with one. */
    private List<Piece> having(Slot slot, SlotPlan wanted) {
      String key = StateFormat.key(tensor.name(), slot);
      boolean optional = mode == Restore.CONVERTING && MASTERS.contains(slot);
      List<Piece> having = new ArrayList<>();
      for (Piece piece : pieces) {
        Stored data = piece.stored.tensor(slot);
        if (wanted != null && data == null) {
          if (!optional) {
            problems.add("tensor '" + key + "' is missing in " + file(piece.reader));
            return List.of();
          }
        } else if (wanted == null && data != null) {
          if (!optional) {
            problems.add(file(piece.reader) + " has a tensor '" + key + "' that the step does not keep");
            return List.of();
          }
        } else if (wanted != null) {
          boolean converting = mode == Restore.CONVERTING && !MASTERS.contains(slot);
          if (data.type() != wanted.type() && !converting) {
            problems.add("tensor '" + key + "' is " + StateFormat.dtype(data.type()) + ", the step's is "
                + StateFormat.dtype(wanted.type()) + (MASTERS.contains(slot) ? "" : ": Restore.CONVERTING converts it"));
            return List.of();
          }
          long length = slot.perParameter() ? data.length() : piece.stored.whole(data);
          long expected = slot.length(tensor.whole());
          if (length != expected) {
            problems.add("tensor '" + key + "' has " + length + " elements, the step's has " + expected);
            return List.of();
          }
          having.add(piece);
        }
      }
      return having;
    }

    /** What is kept of the whole parameter: all who own some of it keep the same. */
    private void takeNumber(Slot slot, List<Piece> having) {
      Piece owner = having.stream().filter(this::ownsSome).findFirst().orElse(having.getFirst());
      take(owner.reader, new StateReader.Source(tensor, slot, owner.stored.tensor(slot), 0));
    }

    private boolean ownsSome(Piece piece) {
      return group.slots().stream().map(slot -> piece.stored.tensor(slot.slot()))
          .anyMatch(stored -> stored != null && stored.length() > 0);
    }

    private void takeElements(Slot slot, List<Piece> having, boolean complain) {
      List<Piece> inOrder = new ArrayList<>(having);
      inOrder.removeIf(piece -> piece.stored.tensor(slot).length() == 0);
      inOrder.sort(Comparator.comparingLong(piece -> piece.stored.offset()));
      long end = tensor.offset() + tensor.length();
      long next = tensor.offset();
      Piece before = null;
      for (Piece piece : inOrder) {
        Stored data = piece.stored.tensor(slot);
        long begin = piece.stored.offset();
        if (before != null && begin < before.stored.offset() + before.stored.tensor(slot).length()) {
          complain(complain, "elements from " + begin + " on of parameter '" + tensor.name() + "' are in " + before.reader.source()
              + " and in " + piece.reader.source() + "; give each part once");
          return;
        }
        before = piece;
        if (begin > next && next < end) {
          complain(complain, missing(next, Math.min(begin, end)));
          return;
        }
        long to = Math.min(end, begin + data.length());
        if (next < to) {
          int bytes = data.type().bytes();
          take(piece.reader, new StateReader.Source(tensor, slot, new Stored(
              data.type(), to - next, data.start() + (next - begin) * bytes, (to - next) * bytes), next - tensor.offset()));
          next = to;
        }
      }
      if (next < end) {
        complain(complain, missing(next, end));
      }
    }

    private String missing(long from, long to) {
      return "elements " + from + " to " + (to - 1) + " of parameter '" + tensor.name() + "', of " + tensor.whole() + ", are "
          + (several() ? "in none of the files" : "not in the file") + "; restore from the files of all workers of one save";
    }

    private void complain(boolean first, String problem) {
      if (first) {
        problems.add(problem);
      }
    }

    private void take(StateReader reader, StateReader.Source source) {
      sources.get(reader).add(source);
    }
  }

  private static String said(Map<String, String> settings, String key) {
    return settings.containsKey(key) ? key + " " + settings.get(key) : "no " + key;
  }

  /**
   * Loads what {@link #match} returned, and the step counter.
   *
   * @throws StateFileException if a file was overwritten since it was checked
   */
  void load(StepEngine engine, Map<StateReader, List<StateReader.Source>> sources) throws IOException {
    for (StateReader reader : readers) {
      reader.load(engine, sources.get(reader));
    }
    readers.getLast().loadCounters(engine);
  }

  /** The parameters that are in the files, but not the master of their narrow values, which the step keeps. */
  List<TensorPlan> withoutMaster(StepPlan plan) {
    return plan.tensors().stream().filter(tensor -> {
      Slot master = plan.groupOf(tensor).storage().masterSlot();
      return master != null && pieces(tensor).stream().anyMatch(piece -> piece.stored.tensor(master) == null);
    }).toList();
  }

  /** Whether {@link #load} came so far that the state has changed. */
  boolean loading() {
    return readers.stream().anyMatch(StateReader::loading);
  }

  /** Closes all inputs. */
  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (StateReader reader : readers) {
      try {
        reader.close();
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
