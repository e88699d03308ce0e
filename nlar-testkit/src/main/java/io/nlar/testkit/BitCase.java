package io.nlar.testkit;

import io.nlar.DType;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run on random input that a device must reproduce bit by bit. The same case always feeds in the same numbers.
 *
 * @param name what it covers
 * @param seed of its random numbers
 * @param groups what is trained
 * @param steps how many steps
 * @param layout where values and gradients lie
 * @param inputs what the gradients are; start values are mixed
 * @param randomState whether velocity, rate and weight start at random numbers, instead of their start values
 */
public record BitCase(
    String name, long seed, List<GroupSpec> groups, int steps, Layout layout, Inputs inputs, boolean randomState) {
  public BitCase {
    groups = List.copyOf(groups);
  }

  /** The element types that a device must know. */
  public Set<DType> types() {
    return groups.stream().map(GroupSpec::storage)
        .flatMap(storage -> Stream.of(storage.value(), storage.gradient(), storage.state()))
        .collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return name;
  }
}
