package io.nlar.spi.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.StepConfig;
import io.nlar.spi.GroupPlan;
import io.nlar.spi.StepPlan;
import io.nlar.spi.TensorPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SumTreeTest {

  /** A plan of one group with tensors of these lengths. */
  static StepPlan plan(long... lengths) {
    List<TensorPlan> tensors = new ArrayList<>();
    for (long length : lengths) {
      tensors.add(new TensorPlan(tensors.size(), "t" + tensors.size(), 0, length));
    }
    return new StepPlan(List.of(new GroupPlan(StepConfig.nlarcm(), DType.FLOAT32)), tensors);
  }

  @Test
  void aTensorOfOneBlockIsItsOwnSum() {
    SumTree tree = new SumTree(plan(0, 1, 1024));
    assertEquals(List.of(new SumTree.Node(1, 0, 3, -1)), tree.nodes());
    for (int tensor = 0; tensor < 3; tensor++) {
      assertEquals(1 + tensor, tree.partials(tensor));
      assertEquals(0, tree.firstNode(tensor));
    }
    assertEquals(4, tree.values());
  }

  @Test
  void blockSumsGoThroughOneNodeToTheTensorsSum() {
    SumTree tree = new SumTree(plan(5, 1025));
    assertEquals(new SumTree.Node(3, 2, 2, 0), tree.nodes().get(tree.firstNode(1)));
    assertEquals(3, tree.partials(1));
    assertEquals(5, tree.values());
  }

  @ParameterizedTest
  @ValueSource(longs = {1 << 20, (1 << 20) + 1, 3L << 20, (1L << 30) + 5, 1L << 33})
  void everyNodeGetsAsManyArrivalsAsItHasInputs(long length) {
    SumTree tree = new SumTree(plan(7, length, 0));
    Map<Integer, Long> arrivals = new HashMap<>();
    long[] lengths = {7, length, 0};
    for (int tensor = 0; tensor < lengths.length; tensor++) {
      long blocks = Math.max(1, (lengths[tensor] + 1023) / 1024);
      for (long block = 0; block < blocks; block++) {
        arrivals.merge(tree.firstNode(tensor) + (int) (block / 1024), 1L, Long::sum);
      }
    }
    for (SumTree.Node node : tree.nodes()) {
      assertTrue(node.count() >= 1 && node.count() <= 1024, node::toString);
      if (node.parent() >= 0) {
        arrivals.merge(node.parent(), 1L, Long::sum);
        SumTree.Node above = tree.nodes().get(node.parent());
        assertTrue(node.out() >= above.in() && node.out() < above.in() + above.count(), "its result is an input above");
      } else {
        assertEquals(0, node.out(), "the top is the total");
      }
    }
    for (int i = 0; i < tree.nodes().size(); i++) {
      assertEquals(tree.nodes().get(i).count(), arrivals.get(i), "node " + i);
    }
  }

  @Test
  void noTwoResultsShareAPlace() {
    SumTree tree = new SumTree(plan(1 << 21, 1025, (1L << 31) + 1));
    long results = tree.nodes().stream().mapToLong(SumTree.Node::out).distinct().count();
    assertEquals(tree.nodes().size(), results);
    assertTrue(tree.nodes().stream().allMatch(node -> node.in() + node.count() <= tree.values()));
  }

  @Test
  void manyTensorsHaveSeveralNodesBelowTheTotal() {
    SumTree tree = new SumTree(plan(new long[2500]));
    assertEquals(4, tree.nodes().size());
    assertEquals(tree.nodeAbove(0) + 2, tree.nodeAbove(2499));
    assertEquals(2500 - 2048, tree.nodes().get(tree.nodeAbove(2499)).count());
  }
}
