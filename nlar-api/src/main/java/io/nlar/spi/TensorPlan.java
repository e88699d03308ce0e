package io.nlar.spi;

import java.nio.charset.StandardCharsets;

/**
 * A parameter without its buffers.
 *
 * @param index its number among all parameters of the step, from 0
 * @param name its name
 * @param group the number of its group
 * @param length its length in elements; may be 0
 * @param offset the number of its first element in the tensor that it is a part of; 0 where it is the whole
 * @param whole the length of that tensor
 * @param updates whether its update is written down, and its value left alone
 * @param lentState whether its state lies in memory of the caller, which its {@link Binding} has
 */
public record TensorPlan(int index, String name, int group, long length, long offset, long whole, boolean updates,
    boolean lentState) {

  /** A parameter whose value is updated and whose state is the engine's. */
  public TensorPlan(int index, String name, int group, long length) {
    this(index, name, group, length, 0, length, false, false);
  }

  /** Whether there is more of the tensor than this. */
  public boolean partial() {
    return length < whole;
  }

  /** Blocks of the whole tensor in its sum of squares. */
  public long blocks() {
    return Math.ceilDiv(whole, (long) StepPlan.BLOCK);
  }

  /** Blocks of its own elements. */
  public long ownBlocks() {
    return Math.ceilDiv(length, (long) StepPlan.BLOCK);
  }

  /** The number of its own first block within the whole tensor. */
  public long firstBlock() {
    return offset / StepPlan.BLOCK;
  }

  /** The tensor's part of a Philox key: FNV-1a-64 of its UTF-8 name. The whole key is the seed xor this. */
  public long nameHash() {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
