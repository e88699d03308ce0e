package io.nlar.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Noise;
import io.nlar.Noise.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.commons.statistics.distribution.ContinuousDistribution;
import org.apache.commons.statistics.distribution.LaplaceDistribution;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.apache.commons.statistics.distribution.UniformContinuousDistribution;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The reference's draws against the distributions themselves; the library and the backends are held against the reference. */
class DistributionTest {
  private static final int DRAWS = 100_000;
  private static final double DEGREES_OF_FREEDOM = 4;
  private static final double DEVIATION = Math.sqrt(2);

  /** A distribution as Apache Commons has it, of variance 1 but for Student's. */
  private static ContinuousDistribution exact(Distribution distribution) {
    return switch (distribution) {
      case UNIFORM -> UniformContinuousDistribution.of(-Math.sqrt(3), Math.sqrt(3));
      case GAUSSIAN -> NormalDistribution.of(0, 1);
      case LAPLACE -> LaplaceDistribution.of(0, Math.sqrt(0.5));
      case STUDENT_T -> TDistribution.of(DEGREES_OF_FREEDOM);
      case RADEMACHER -> throw new IllegalArgumentException("it is not continuous");
    };
  }

  private static double deviation(Distribution distribution) {
    return distribution == Distribution.STUDENT_T ? DEVIATION : 1;
  }

  private static double draw(Distribution distribution, long word) {
    return ReferenceQuantiles.draw(distribution, (word + 0.5) * 0x1p-32 * 2 - 1);
  }

  /** As exact as docs/numerics.md says, from the first word to the middle one; the others mirror them. */
  @ParameterizedTest
  @CsvSource({"UNIFORM, 1e-15", "GAUSSIAN, 3.5e-9", "LAPLACE, 5e-12", "STUDENT_T, 4e-10"})
  void drawsAreQuantiles(Distribution distribution, double error) {
    ContinuousDistribution exact = exact(distribution);
    LongStream even = LongStream.range(0, 2000).map(i -> i * 0x80000000L / 2000);
    LongStream geometric = IntStream.range(0, 310).mapToLong(i -> (long) Math.pow(2, i / 10.0) - 1);
    LongStream.concat(even, geometric).forEach(word -> {
      double expected = exact.inverseCumulativeProbability((word + 0.5) * 0x1p-32) / deviation(distribution);
      // Near the middle, where the quantile is 0, Commons has no digits left.
      assertEquals(expected, draw(distribution, word), Math.abs(expected) * error + 1e-15, () -> "word " + word);
      assertEquals(-draw(distribution, word), draw(distribution, 0xFFFFFFFFL - word), () -> "word " + word);
    });
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RADEMACHER")
  void drawsFollowTheDistribution(Distribution distribution) {
    DoubleUnaryOperator cumulative =
        x -> exact(distribution).cumulativeProbability(x * deviation(distribution));
    for (Noise noise : List.of(new Noise.Frozen(11, distribution), new Noise.Fresh(12, distribution))) {
      double p = KolmogorovSmirnovTest.withDefaults().test(draws(noise), cumulative).getPValue();
      assertTrue(p > 0.001, () -> noise + ": p = " + p);
    }
  }

  /** What a test cannot reject must be what it would reject where something is wrong: here the scale by 2 %. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RADEMACHER")
  void anotherScaleIsSeen(Distribution distribution) {
    double[] wider = Arrays.stream(draws(new Noise.Fresh(12, distribution))).map(x -> 1.02 * x).toArray();
    assertTrue(KolmogorovSmirnovTest.withDefaults()
        .test(wider, x -> exact(distribution).cumulativeProbability(x * deviation(distribution))).getPValue() < 0.01);
  }

  /** Mean 0 and variance 1, within five standard errors; kurtosis where it is finite and soon reached. */
  @ParameterizedTest
  @CsvSource({"UNIFORM, 1.8, 0.02", "GAUSSIAN, 3, 0.1", "LAPLACE, 6, 0.6", "RADEMACHER, 1, 0", "STUDENT_T, Infinity, 0"})
  void momentsAreThoseOfTheDistribution(Distribution distribution, double kurtosis, double tolerance) {
    for (Noise noise : List.of(new Noise.Frozen(21, distribution), new Noise.Fresh(22, distribution))) {
      double[] draws = draws(noise);
      double squares = moment(draws, 2);
      assertEquals(0, moment(draws, 1), 5 / Math.sqrt(DRAWS));
      // The variance of Student's squares is infinite: a tolerance that a wrong scale, of 1.41, would leave far behind.
      double error = Double.isFinite(kurtosis) ? 5 * Math.sqrt((kurtosis - 1) / DRAWS) : 0.05;
      assertEquals(1, squares, error);
      if (Double.isFinite(kurtosis)) {
        assertEquals(kurtosis, moment(draws, 4) / (squares * squares), tolerance);
      }
    }
  }

  /** The same moments of what words become, without chance: over words that are evenly spread. */
  @ParameterizedTest
  @EnumSource
  void wordsOfAllSizesHaveVarianceOne(Distribution distribution) {
    int cells = 1 << 20;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < cells; i++) {
      double draw = ReferenceQuantiles.draw(distribution, (i + 0.5) / cells * 2 - 1);
      sum += draw;
      squares += draw * draw;
    }
    assertEquals(0, sum / cells, 1e-12);
    assertEquals(1, squares / cells, distribution == Distribution.STUDENT_T ? 2e-3 : 1e-4);
  }

  /** Neither with its neighbours, nor with the element's draws in the next step. */
  @ParameterizedTest
  @EnumSource
  void drawsDoNotCorrelate(Distribution distribution) {
    ReferenceNoise noise = new ReferenceNoise(new Noise.Fresh(5, distribution), "w");
    double neighbours = 0;
    double steps = 0;
    for (int i = 0; i < DRAWS; i++) {
      double draw = noise.epsilon(i, 1, Arithmetic.BINARY64);
      neighbours += draw * noise.epsilon(i + 1, 1, Arithmetic.BINARY64);
      steps += draw * noise.epsilon(i, 2, Arithmetic.BINARY64);
    }
    assertEquals(0, neighbours / DRAWS, 5 / Math.sqrt(DRAWS));
    assertEquals(0, steps / DRAWS, 5 / Math.sqrt(DRAWS));
  }

  /** The table of docs/numerics.md, which is there to be used by others. */
  @Test
  void theDocumentedVectorsAreDrawn() throws IOException {
    String number = "(-?0x1(?:\\.[0-9a-f]+)?p[-+]?\\d+)";
    Matcher rows = Pattern.compile("\\| ([0-9a-f]{8}) \\| " + String.join(" \\| ", number, number, number, number)
        + " \\| (-?1) \\|").matcher(Files.readString(Path.of("../docs/numerics.md")));
    List<Distribution> columns = List.of(Distribution.UNIFORM, Distribution.GAUSSIAN, Distribution.LAPLACE,
        Distribution.STUDENT_T, Distribution.RADEMACHER);
    Set<Distribution> seen = EnumSet.noneOf(Distribution.class);
    int count = 0;
    for (; rows.find(); count++) {
      for (int i = 0; i < columns.size(); i++) {
        assertEquals(Double.parseDouble(rows.group(2 + i)), draw(columns.get(i), Long.parseLong(rows.group(1), 16)),
            rows.group());
        seen.add(columns.get(i));
      }
    }
    assertTrue(count >= 8, "only " + count + " rows");
    assertEquals(EnumSet.allOf(Distribution.class), seen);
  }

  private static double[] draws(Noise noise) {
    ReferenceNoise reference = new ReferenceNoise(noise, "layer1.weight");
    long t = noise instanceof Noise.Fresh ? 7 : 0;
    return IntStream.range(0, DRAWS).mapToDouble(i -> reference.epsilon(i, t, Arithmetic.BINARY64)).toArray();
  }

  private static double moment(double[] draws, int power) {
    return Arrays.stream(draws).map(x -> Math.pow(x, power)).average().orElseThrow();
  }
}
