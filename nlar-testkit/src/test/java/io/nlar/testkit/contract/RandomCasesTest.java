package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Control;
import io.nlar.testkit.BitCase;
import io.nlar.testkit.BitComparison;
import io.nlar.testkit.Inputs;
import io.nlar.testkit.Layout;
import io.nlar.testkit.RandomCases;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The random cases are the same every time, cover what they should, and do not drown in NaN. */
class RandomCasesTest {

  @Test
  void theyAreTheSameEveryTime() {
    assertEquals(RandomCases.everySetting(), RandomCases.everySetting());
    assertEquals(RandomCases.everyLength(), RandomCases.everyLength());
    assertEquals(RandomCases.groups(), RandomCases.groups());
  }

  @Test
  void everySettingMeetsEveryOther() {
    List<BitCase> cases = RandomCases.everySetting();
    assertEquals(2 * 5 * 7 * 3 * 4 * 2 + 2 * 3 * 7 * 2, cases.size());
    assertEquals(cases.size(), cases.stream().map(BitCase::name).distinct().count());
    assertEquals(EnumSet.allOf(Layout.class), cases.stream().map(BitCase::layout).collect(Collectors.toSet()));
    assertEquals(EnumSet.allOf(Inputs.class), cases.stream().map(BitCase::inputs).collect(Collectors.toSet()));
  }

  @Test
  void mostNumbersStayFiniteAndFewStepsAreSkipped() {
    long[] elements = {0, 0};
    long[] steps = {0, 0};
    Sabotage census = new Sabotage() {
      @Override
      public void afterApply(ReferenceStep step) {
        steps[0]++;
        steps[1] += step.get(Control.LAST_SKIPPED) == 0 ? 1 : 0;
        for (ReferenceTensor tensor : step.tensors()) {
          for (double theta : tensor.value()) {
            elements[0]++;
            elements[1] += Double.isFinite(theta) ? 1 : 0;
          }
        }
      }
    };
    try (ReferenceDevice device = new ReferenceDevice(census)) {
      for (BitCase run : RandomCases.everySetting()) {
        assertEquals(Optional.empty(), BitComparison.run(device, run));
      }
    }
    assertTrue(elements[1] > 0.9 * elements[0], elements[1] + " of " + elements[0] + " elements are finite");
    assertTrue(steps[1] > 0.95 * steps[0], steps[1] + " of " + steps[0] + " steps were applied");
  }
}
