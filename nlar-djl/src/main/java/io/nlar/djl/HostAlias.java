package io.nlar.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The memory of a tensor on the host. A view of the tensor keeps that memory alive, also when DJL gives the tensor other
 * memory ({@code NDArray.set} does), which {@link #current} tells.
 */
final class HostAlias implements AutoCloseable {
  private final NDArray array;
  private final NDArray view;
  private final MemorySegment memory;

  private HostAlias(NDArray array, NDArray view, MemorySegment memory) {
    this.array = array;
    this.view = view;
    this.memory = memory;
  }

  /**
   * The memory of {@code array}; empty where DJL would hand out a copy: on a GPU, sparse, or with gaps between elements.
   *
   * @param owner holds the view; closing it invalidates the alias
   */
  static Optional<HostAlias> of(NDArray array, NDManager owner) {
    if (!Device.cpu().equals(array.getDevice()) || array.isSparse()) {
      return Optional.empty();
    }
    long bytes = array.size() * array.getDataType().getNumOfBytes();
    NDArray view = array.stopGradient();
    NDScope.unregister(view);
    view.attach(owner);
    if (bytes == 0) {
      return Optional.of(new HostAlias(array, view, MemorySegment.NULL));
    }
    try (NDManager scope = owner.newSubManager()) {
      // A tensor without gaps flattens to a view of itself, any other to a copy, each time a new one.
      long address = start(view, scope);
      if (address != start(view, scope)) {
        view.close();
        return Optional.empty();
      }
      return Optional.of(new HostAlias(array, view, MemorySegment.ofAddress(address).reinterpret(bytes)));
    }
  }

  /** Address of the first element of {@code array} laid out without gaps. One element, for buffers end at 2 GiB. */
  private static long start(NDArray array, NDManager scope) {
    NDArray flat = array.flatten();
    flat.attach(scope);
    NDArray first = flat.get(new NDIndex("0:1"));
    first.attach(scope);
    NDScope.unregister(flat, first);
    return MemorySegment.ofBuffer(first.toByteBuffer(true)).address();
  }

  /** The tensor's elements. */
  MemorySegment memory() {
    return memory;
  }

  /** Whether the tensor still lives in this memory. */
  boolean current() {
    if (array.isReleased() || view.isReleased()) {
      return false;
    }
    if (memory.byteSize() > Integer.MAX_VALUE) {
      try (NDManager scope = view.getManager().newSubManager()) {
        return start(array, scope) == memory.address();
      }
    }
    return memory.byteSize() == 0 || MemorySegment.ofBuffer(array.toByteBuffer(true)).address() == memory.address();
  }

  @Override
  public void close() {
    view.close();
  }
}
