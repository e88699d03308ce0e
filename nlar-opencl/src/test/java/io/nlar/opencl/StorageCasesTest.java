package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.testkit.BitCase;
import io.nlar.testkit.RandomCases;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is chosen of the cases of storages is as complete as it says, seen by the cases' names. */
class StorageCasesTest {

  /** Every three of the first words: types of values, gradients and state, the master, and the noise where there is a choice. */
  private static Set<List<String>> triples(List<BitCase> cases) {
    Set<List<String>> triples = new HashSet<>();
    for (BitCase each : cases) {
      String[] words = each.name().split(", ");
      List<String> choices = List.of(words[0], words[1], words[2], words[3], words.length > 5 ? words[5] : words[4]);
      for (int i = 0; i < choices.size(); i++) {
        for (int j = i + 1; j < choices.size(); j++) {
          for (int k = j + 1; k < choices.size(); k++) {
            if (!choices.get(k).matches("norm.*|.* norm|value|soft|unscaled")) { // AdamW's scalings, for which no kernel is compiled
              triples.add(List.of(choices.get(i), choices.get(j), choices.get(k)));
            }
          }
        }
      }
    }
    return triples;
  }

  @Test
  void everyThreeChoicesMeetInAFractionOfTheCases() {
    List<BitCase> all = RandomCases.storages();
    List<BitCase> chosen = StorageCases.covering(3);
    assertEquals(triples(all), triples(chosen));
    assertTrue(chosen.size() < all.size() / 4, chosen.size() + " of " + all.size());
    assertNotEquals(triples(all), triples(StorageCases.covering(2)));
  }
}
