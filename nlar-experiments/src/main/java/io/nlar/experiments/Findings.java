package io.nlar.experiments;

import io.nlar.cli.TextTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.DoublePredicate;
import java.util.function.UnaryOperator;

/** The results in words: a table and sentences. */
final class Findings {
  private static final List<String> NUMBERS =
      List.of("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve");

  private final Results results;
  private final Measure measure;
  private final UnaryOperator<String> reference;

  /** A series at the initial rate that is best for it. */
  private record Best(String name, double rate, Cell cell) {}

  /**
   * A table of the results.
   *
   * @param caption what sets it apart from the others; empty where it is alone
   */
  record Table(String caption, List<String> headings, List<List<String>> rows) {
    @Override
    public String toString() {
      // A name to the left, numbers to the right.
      TextTable table = new TextTable(headings.stream().map(heading -> (heading.isEmpty() ? "" : ">") + heading)
          .toArray(String[]::new));
      rows.forEach(row -> table.row(row.toArray()));
      return table.toString();
    }
  }

  Findings(Results results) {
    this(results, value -> "");
  }

  /**
   * Prepares the words.
   *
   * @param reference of a value of a variation the one that it is compared with; empty for no comparison
   */
  Findings(Results results, UnaryOperator<String> reference) {
    this.results = results;
    this.measure = results.measure();
    this.reference = reference;
  }

  /**
   * All scores. Where optimizers alone are compared one table, with a row for each rate and the optimizers side by side;
   * in a variation, whose series are many, a table for each epoch that is told of, with a row for each series, and what the
   * seeds tell of the difference from the reference.
   */
  List<Table> tables() {
    return results.varies() ? bySeries() : List.of(defaultsAlone() ? byDefaults()
        : new Table("", headings(), rows()));
  }

  /** A row for each optimizer at its default rate. */
  private Table byDefaults() {
    List<String> headings = new ArrayList<>(List.of("", "rate"));
    results.toldEpochs().forEach(epoch -> headings.add(when(epoch)));
    if (hasTarget()) {
      headings.add("to " + measure.number(results.target()));
    }
    if (measure.hasGoal()) {
      headings.add("solved");
    }
    List<List<String>> rows = new ArrayList<>();
    for (String name : results.series()) {
      List<String> row = new ArrayList<>(List.of(name, Numbers.rate(new OptimizerChoice(name).defaultRate())));
      results.toldEpochs().forEach(epoch -> row.add(results.score(name, Double.NaN, epoch).text()));
      if (hasTarget()) {
        row.add(reached(name, Double.NaN));
      }
      if (measure.hasGoal()) {
        row.add(solved(name, Double.NaN));
      }
      rows.add(row);
    }
    return new Table("", headings, rows);
  }

  private String when(int epoch) {
    return measure.epoch().substring(0, 2) + ". " + epoch;
  }

  private List<Table> bySeries() {
    List<Table> tables = new ArrayList<>();
    for (int epoch : results.toldEpochs()) {
      tables.add(bySeries("after " + measure.epoch() + " " + epoch,
          (name, rate) -> results.score(name, rate, epoch).text()));
      List<String> references = references();
      if (!references.isEmpty()) {
        tables.add(bySeries("after " + measure.epoch() + " " + epoch + ", "
            + (references.size() == 1 ? "against " : "each against its own of ") + String.join(", ", references)
            + ": + better, - worse, = within two standard errors of the difference",
            (name, rate) -> difference(name, rate, epoch)));
      }
    }
    if (hasTarget()) {
      tables.add(bySeries(measure.epoch() + "s until " + measure.text(results.target()) + " is reached", this::reached));
    }
    if (measure.hasGoal()) {
      tables.add(bySeries("solved", this::solved));
    }
    return tables;
  }

  /** The values that series are compared with. */
  private List<String> references() {
    return results.series().stream().map(this::reference).filter(results.series()::contains).distinct()
        .map(name -> name.split(" ", 2)[1]).distinct().toList();
  }

  /** The series that a series of the same optimizer is compared with. */
  private String reference(String name) {
    String[] parts = name.split(" ", 2);
    return parts[0] + " " + reference.apply(parts[1]);
  }

  private String difference(String name, double rate, int epoch) {
    Cell cell = results.score(name, rate, epoch);
    String other = reference(name);
    return results.series().contains(other) ? difference(cell, results.score(other, rate, epoch)) : "–";
  }

  private static String difference(Cell cell, Cell other) {
    // One run has no error, and says nothing of a difference.
    return cell.runs() < 2 || other.runs() < 2 ? "–" : other.behind(cell) ? "+" : cell.behind(other) ? "-" : "=";
  }

  private Table bySeries(String caption, BiFunction<String, Double, String> cell) {
    List<String> headings = new ArrayList<>(List.of(""));
    results.rates().forEach(rate -> headings.add(Numbers.rate(rate)));
    List<List<String>> rows = new ArrayList<>();
    for (String name : results.series()) {
      List<String> row = new ArrayList<>(List.of(name));
      results.rates().forEach(rate -> row.add(cell.apply(name, rate)));
      rows.add(row);
    }
    return new Table(caption, headings, rows);
  }

  private boolean hasTarget() {
    return !Double.isNaN(results.target());
  }

  /** Column headings: the rate, then each series' scores, how soon the target was reached, and how many solved the task. */
  private List<String> headings() {
    List<String> headings = new ArrayList<>(List.of("rate"));
    for (String name : results.series()) {
      for (int epoch : results.toldEpochs()) {
        headings.add(epoch == results.toldEpochs().getFirst() ? name + " " + when(epoch) : when(epoch));
      }
      if (hasTarget()) {
        headings.add("to " + measure.number(results.target()));
      }
      if (measure.hasGoal()) {
        headings.add("solved");
      }
    }
    return headings;
  }

  /** A row for each rate. */
  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (double rate : results.rates()) {
      List<String> row = new ArrayList<>(List.of(Numbers.rate(rate)));
      for (String name : results.series()) {
        for (int epoch : results.toldEpochs()) {
          row.add(results.score(name, rate, epoch).text());
        }
        if (hasTarget()) {
          row.add(reached(name, rate));
        }
        if (measure.hasGoal()) {
          row.add(solved(name, rate));
        }
      }
      rows.add(row);
    }
    return rows;
  }

  /** After how many epochs on average the target was reached, and by how many seeds where not by all. */
  private String reached(String name, double rate) {
    List<Integer> epochs = results.reachedIn(name, rate);
    int runs = end(name, rate).runs();
    if (runs == 0) {
      return "–";
    }
    return epochs.isEmpty() ? "never"
        : String.format(Locale.ROOT, "%.1f", epochs.stream().mapToInt(epoch -> epoch).average().orElseThrow())
            + (epochs.size() == runs ? "" : " (" + epochs.size() + " of " + runs + ")");
  }

  /** How many seeds solved their task, and after how many epochs on average. */
  private String solved(String name, double rate) {
    List<Integer> epochs = results.solvedIn(name, rate);
    int runs = end(name, rate).runs();
    return runs == 0 ? "–" : epochs.size() + " of " + runs + (epochs.isEmpty() ? ""
        : ", ep. " + Math.round(epochs.stream().mapToInt(epoch -> epoch).average().orElseThrow()));
  }

  /** What was found: who does best from which rate, and over which rates each does nearly as well. */
  String sentence() {
    List<Best> bests = new ArrayList<>();
    for (String name : results.series()) {
      tried(name).stream().map(rate -> new Best(name, rate, end(name, rate)))
          .max(byScore()).ifPresent(bests::add);
    }
    if (bests.isEmpty()) {
      return "No run has come to its end yet.";
    }
    Best first = bests.stream().max(byScore()).orElseThrow();
    return first(bests, first) + " " + tolerance(bests, first.cell().score())
        + (measure.hasGoal() ? " " + goal(bests) : "") + advice(bests, first);
  }

  /** Whether each is run at its default alone. */
  private boolean defaultsAlone() {
    return results.rates().stream().allMatch(rate -> rate.isNaN());
  }

  /**
   * Which optimizer to take, for that is what a reader wants to know; nothing where one is alone, where settings of an optimizer are compared, or
   * where no two seeds tell differences from chance.
   */
  private String advice(List<Best> bests, Best first) {
    if (bests.size() < 2 || results.varies() || bests.stream().anyMatch(best -> best.cell().runs() < 2)) {
      return "";
    }
    return " " + (defaultsAlone() ? asPublished(bests, first) : untuned(bests, first));
  }

  /** Of those whom the seeds do not tell from the best at the end, the one that is ahead after the first epoch. */
  private String asPublished(List<Best> bests, Best first) {
    int begin = results.toldEpochs().getFirst();
    List<Best> alike = bests.stream().filter(best -> !best.cell().behind(first.cell())).toList();
    Best soonest = alike.stream()
        .max(Comparator.comparing(best -> results.score(best.name(), best.rate(), begin).score(), measure.order()))
        .orElseThrow();
    return "Without tuning, take " + soonest.name() + ": " + (alike.size() == 1 ? "nobody else ends as well"
        : "of those whom the seeds do not tell apart at the end it is ahead after " + measure.epoch() + " " + begin) + ".";
  }

  /** Who stays near the best over most decades; and who ends better where the rate is right. */
  private String untuned(List<Best> bests, Best first) {
    record Width(Best best, double decades, int rates, double least) {}
    List<Width> widths = bests.stream().map(best -> {
      List<Double> stretch = stretch(best.name(), rate -> near(first.cell().score(), best.name(), rate));
      return new Width(best, stretch.isEmpty() || Double.isNaN(stretch.getFirst()) ? 0
          : Math.log10(stretch.getLast() / stretch.getFirst()), stretch.size(),
          stretch.stream().map(rate -> end(best.name(), rate).score()).min(measure.order()).orElse(Double.NaN));
    }).filter(width -> width.rates() > 1).sorted(Comparator.comparingDouble(Width::decades).thenComparingInt(Width::rates)
        .thenComparing(Width::least, measure.order()).reversed()).toList();
    if (widths.isEmpty()) {
      return "No optimizer stays near it from more than one rate: tune the rate of " + first.name() + ", or try others.";
    }
    Width widest = widths.getFirst();
    List<String> alike = widths.stream().skip(1).filter(width -> width.decades() > widest.decades() - 0.05)
        .map(width -> width.best().name()).toList();
    return "Without tuning, take " + widest.best().name() + ", which stays that near over most decades"
        + (alike.isEmpty() ? "" : ", as far as " + String.join(", ", alike) + (alike.size() == 1 ? " does" : " do")
            + ", and nearer where it is worst")
        + (widest.best().cell().behind(first.cell())
            ? "; " + first.name() + " ends better, if its rate is right." : "; nobody ends better with the right rate.");
  }

  private boolean near(double top, String name, double rate) {
    return measure.gain(top, end(name, rate).score()) >= -measure.near();
  }

  private Comparator<Best> byScore() {
    return Comparator.comparing(best -> best.cell().score(), measure.order());
  }

  private Cell end(String name, double rate) {
    return results.score(name, rate, results.epochs());
  }

  private List<Double> tried(String name) {
    return results.rates().stream().filter(rate -> end(name, rate).runs() > 0).toList();
  }

  private String first(List<Best> bests, Best first) {
    StringBuilder text = new StringBuilder(defaultsAlone() ? "Each from its default, the " : "The ").append(measure.best()).append(' ').append(measure.label()).append(" at the end is ")
        .append(measure.text(first.cell().score())).append(", with ").append(first.name()).append(from(first))
        .append('.');
    List<Best> others = bests.stream().filter(best -> best != first).toList();
    boolean tells = bests.stream().allMatch(best -> best.cell().runs() > 1);
    List<String> alike = others.stream().filter(best -> tells && !best.cell().behind(first.cell())).map(this::text)
        .toList();
    List<String> rest = others.stream().filter(best -> !tells || best.cell().behind(first.cell())).map(this::text)
        .toList();
    if (!alike.isEmpty()) {
      text.append(" No further from it than chance explains (two standard errors): ").append(String.join(", ", alike))
          .append('.');
    }
    if (!rest.isEmpty()) {
      text.append(' ').append(tells ? HtmlReport.capital(measure.worse()) : "Others").append(" at best: ")
          .append(String.join(", ", rest)).append('.');
    }
    if (!tells && !others.isEmpty()) {
      text.append(" One seed cannot tell such differences from chance.");
    }
    return text.toString();
  }

  private String text(Best best) {
    return best.name() + " " + measure.number(best.cell().score()) + from(best);
  }

  private String from(Best best) {
    return defaultsAlone() ? "" : " from " + (Double.isNaN(best.rate()) ? "its default" : Numbers.rate(best.rate()));
  }

  /** Over which rates each series stays near the best. */
  private String tolerance(List<Best> bests, double top) {
    boolean several = results.rates().size() > 1;
    List<String> near = new ArrayList<>();
    List<String> far = new ArrayList<>();
    for (Best best : bests) {
      List<Double> stretch = stretch(best.name(), rate -> near(top, best.name(), rate));
      if (stretch.isEmpty()) {
        far.add(best.name());
      } else {
        near.add(best.name() + (several ? " " + range(stretch) : ""));
      }
    }
    return "Within " + measure.nearText() + " of it " + (several ? "stay, by initial rate: " : "come ")
        + String.join(", ", near) + (far.isEmpty() ? "" : (several ? "; from no rate " : "; not ") + String.join(", ", far))
        + ".";
  }

  /** From which rates each series solved its task with every seed. */
  private String goal(List<Best> bests) {
    List<String> solving = new ArrayList<>();
    List<String> failing = new ArrayList<>();
    for (Best best : bests) {
      List<Double> stretch = stretch(best.name(),
          rate -> results.solvedIn(best.name(), rate).size() == end(best.name(), rate).runs());
      if (stretch.isEmpty()) {
        failing.add(best.name());
      } else {
        solving.add(best.name() + " " + range(stretch));
      }
    }
    String goal = "solves it (" + measure.goalText() + ")";
    return solving.isEmpty() ? "From no rate every seed " + goal + "." : "Every seed " + goal + " with "
        + String.join(", ", solving) + (failing.isEmpty() ? "." : "; from no rate with " + String.join(", ", failing) + ".");
  }

  /** The longest stretch of neighbouring rates that were tried and fulfil a condition. */
  private List<Double> stretch(String name, DoublePredicate fulfils) {
    List<Double> longest = List.of();
    List<Double> current = new ArrayList<>();
    for (double rate : tried(name)) {
      if (Double.isNaN(rate)) {
        current.clear(); // a default is nobody's neighbour
      }
      if (fulfils.test(rate)) {
        current.add(rate);
      } else {
        current.clear();
      }
      if (current.size() > longest.size()) {
        longest = List.copyOf(current);
      }
    }
    return longest;
  }

  private static String range(List<Double> rates) {
    if (Double.isNaN(rates.getFirst())) {
      return "at its default alone";
    }
    double decades = Math.log10(rates.getLast() / rates.getFirst());
    if (rates.size() == 1) {
      return "at " + Numbers.rate(rates.getFirst()) + " alone";
    }
    int whole = (int) Math.round(decades);
    String count = Math.abs(decades - whole) < 0.05 && whole > 0 && whole < NUMBERS.size() ? NUMBERS.get(whole)
        : Numbers.rate(Math.round(10 * decades) / 10.0);
    return "over " + count + (whole == 1 && count.equals("one") ? " decade" : " decades") + " ("
        + Numbers.rate(rates.getFirst()) + " to " + Numbers.rate(rates.getLast()) + ")";
  }
}
