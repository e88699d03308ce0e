package io.nlar.spi.queue;

import io.nlar.DType;
import io.nlar.Storage;
import io.nlar.spi.Codes;
import io.nlar.spi.GroupPlan;

/**
 * What a group needs another update kernel for. Everything else is numbers in a {@linkplain StepTables table}.
 *
 * @param storage how values, gradients and state lie in memory
 * @param rule the rule's name
 * @param form the rule's form
 * @param noise the {@linkplain Codes code} of the noise
 * @param keeps the code of what the rule keeps of a parameter
 * @param updates whether updates are written, and values left alone
 */
public record Variant(Storage storage, String rule, String form, int noise, int keeps, boolean updates) {

  /** T, the type of the arithmetic. */
  public DType type() {
    return storage.arithmetic();
  }

  /** The variant that a group needs for its values. */
  public static Variant of(GroupPlan group) {
    return of(group, false);
  }

  /** The variant that a group needs for its values, or for updates of them. */
  public static Variant of(GroupPlan group, boolean updates) {
    return new Variant(
        group.storage(), group.rule().name(), group.rule().form(), Codes.of(group.config().noise()), Codes.of(group.rule()),
        updates);
  }
}
