package io.nlar.spark;

import io.nlar.Nlarsf;
import io.nlar.Part;
import io.nlar.StepConfig;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All parameters in order of registration, laid end to end, and the workers' shares of them: each is one run of elements, which
 * begins where a block of {@link Part#UNIT} elements of some parameter begins, so that no share is longer than an equal one by
 * more than a block.
 */
final class Layout implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Parameters that share settings, from one name to another. */
  record Group(StepConfig config, int from, int to) implements Serializable {}

  private final List<Group> groups;
  private final List<String> names = new ArrayList<>();
  private final long[] begins;
  private final long[] shares;

  /** The layout of parameters, whose lengths are given in order, for so many workers. */
  Layout(List<Group> groups, Map<String, Integer> lengths, int workers) {
    this.groups = List.copyOf(groups);
    begins = new long[lengths.size() + 1];
    lengths.forEach((name, length) -> {
      begins[names.size() + 1] = begins[names.size()] + length;
      names.add(name);
    });
    shares = new long[workers + 1];
    for (int worker = 1; worker < workers; worker++) {
      shares[worker] = blockAt(elements() / workers * worker + elements() % workers * worker / workers);
    }
    shares[workers] = elements();
  }

  /** The first element at or behind this one where a share may begin. */
  private long blockAt(long element) {
    int parameter = 0;
    while (begins[parameter + 1] < element) {
      parameter++;
    }
    long within = Math.ceilDiv(element - begins[parameter], (long) Part.UNIT) * Part.UNIT;
    return Math.min(begins[parameter] + within, begins[parameter + 1]);
  }

  List<Group> groups() {
    return groups;
  }

  List<String> names() {
    return names;
  }

  int workers() {
    return shares.length - 1;
  }

  /** Elements of all parameters. */
  long elements() {
    return begins[begins.length - 1];
  }

  int length(int parameter) {
    return Math.toIntExact(begins[parameter + 1] - begins[parameter]);
  }

  /** Where a parameter begins among all elements. */
  long begin(int parameter) {
    return begins[parameter];
  }

  /** Where a worker's share begins; for the number of workers, where the last one ends. */
  long share(int worker) {
    return shares[worker];
  }

  /** How many elements a worker's share has. */
  long shareLength(int worker) {
    return shares[worker + 1] - shares[worker];
  }

  /** At which of the bytes of all elements a worker's share begins. */
  long shareByte(int worker) {
    return shares[worker] * Float.BYTES;
  }

  /** How many bytes a worker's share has. */
  long shareBytes(int worker) {
    return shareLength(worker) * Float.BYTES;
  }

  /** Where a worker's part of a parameter begins within it. */
  int partBegin(int worker, int parameter) {
    return Math.toIntExact(Math.clamp(shares[worker] - begins[parameter], 0L, length(parameter)));
  }

  /** Where a worker's part of a parameter ends within it. */
  int partEnd(int worker, int parameter) {
    return partBegin(worker + 1, parameter);
  }

  /** Arrays for all elements, one a parameter. */
  float[][] arrays() {
    float[][] arrays = new float[names.size()][];
    for (int i = 0; i < arrays.length; i++) {
      arrays[i] = new float[length(i)];
    }
    return arrays;
  }

  /** The parameters' arrays by name, as callers see them. */
  Map<String, float[]> named(float[][] arrays) {
    Map<String, float[]> named = new LinkedHashMap<>();
    for (int i = 0; i < arrays.length; i++) {
      named.put(names.get(i), arrays[i]);
    }
    return Collections.unmodifiableMap(named);
  }

  /** How many sums of each block are exchanged: of squares, and of three products where a rule learns from its update. */
  int sumsPerBlock() {
    return groups.stream().anyMatch(group -> group.config().rule() instanceof Nlarsf) ? 4 : 1;
  }

  /** How many blocks of {@link Part#UNIT} elements, whose sums are exchanged, lie before a worker's share. */
  int blocksBefore(int worker) {
    long blocks = 0;
    for (int i = 0; i < names.size(); i++) {
      blocks += Math.ceilDiv(worker == workers() ? length(i) : partBegin(worker, i), Part.UNIT);
    }
    return Math.toIntExact(blocks);
  }

  /**
   * Copies bytes of the parameters' arrays, laid end to end, from byte {@code begin} on.
   *
   * @param arrays by number of the parameter
   * @param target takes as many bytes as it has
   */
  void gather(float[][] arrays, long begin, MemorySegment target) {
    each(begin, target.byteSize(), (parameter, within, at, count) -> MemorySegment.copy(MemorySegment.ofArray(arrays[parameter]), within,
        target, at, count));
  }

  /** Copies bytes into the parameters' arrays, from byte {@code begin} of all on. */
  void scatter(MemorySegment source, long begin, float[][] arrays) {
    each(begin, source.byteSize(), (parameter, within, at, count) -> MemorySegment.copy(source, at,
        MemorySegment.ofArray(arrays[parameter]), within, count));
  }

  @FunctionalInterface
  private interface Run {
    void copy(int parameter, long within, long at, long count);
  }

  /** The parameters' runs of bytes that {@code count} bytes from {@code begin} on consist of. */
  private void each(long begin, long count, Run run) {
    int parameter = Arrays.binarySearch(begins, begin / Float.BYTES);
    parameter = parameter >= 0 ? parameter : -parameter - 2;
    for (long at = 0; at < count; parameter++) {
      long within = begin + at - begins[parameter] * Float.BYTES;
      long most = Math.min(count - at, (long) length(parameter) * Float.BYTES - within);
      run.copy(parameter, within, at, most);
      at += most;
    }
  }
}
