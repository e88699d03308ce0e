package io.nlar.experiments;

import io.nlar.bench.harness.Interval;
import io.nlar.bench.harness.Outcome;
import io.nlar.bench.harness.Race;
import io.nlar.bench.harness.RaceSettings;
import io.nlar.bench.harness.Samples;
import io.nlar.bench.harness.Starter;
import io.nlar.cli.ExitCode;
import io.nlar.cli.NlarCommand;
import io.nlar.cli.TextTable;
import io.nlar.cli.WrongArgumentException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code nlar djl-step}: what the optimizer's step costs within DJL. */
@Command(
    name = "djl-step",
    description = {
      "Time the step of Nlar's DJL optimizer and of DJL's own Adam on a network, in turns.",
      "Both are called as DJL's trainer calls them: once a parameter, with its gradient. Neither clips beforehand."
    })
public final class DjlStepCommand implements NlarCommand {
  /** Threads of either side spin for some milliseconds after their work. */
  private static final Duration REST = Duration.ofMillis(20);

  @Spec
  private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "EXPERIMENT", defaultValue = "mlp2h",
      description = "The network: digits, logistic, mlp2h, fashion, mlp7h, vgg11, resnet or resnet100. Default: mlp2h.")
  private String experiment;

  @Option(names = "--threads", paramLabel = "N", description = "Threads of both. Default: all processors.")
  private Integer threads;

  @Option(names = "--seconds", paramLabel = "S", defaultValue = "30", description = "Time for it. Default: 30.")
  private int seconds;

  @Override
  public Integer call() {
    ImageExperiment chosen = ImageExperiment.named(experiment);
    atLeastOne("--seconds", seconds);
    if (threads != null) {
      atLeastOne("--threads", threads);
    }
    System.getProperties().putIfAbsent("nlar.cpu.vectors-after", "0"); // as for every benchmark
    if (threads != null) {
      System.setProperty("nlar.cpu.threads", Integer.toString(threads));
    }
    DjlEngine.startWithThreads(threads == null ? Runtime.getRuntime().availableProcessors() : threads);
    PrintWriter out = spec.commandLine().getOut();
    Duration sample = Duration.ofMillis(20);
    RaceSettings settings = new RaceSettings(15, Duration.ofSeconds(1), sample, REST, Duration.ofSeconds(seconds), 1);
    try (DjlStepContestant nlar = DjlStepContestant.nlarcm(chosen); DjlStepContestant adam = DjlStepContestant.adam(chosen)) {
      out.println(chosen.description() + ", " + nlar.parameters() + " parameters, float32");
      Outcome outcome = new Race(settings).run(List.of(new Starter(nlar.name(), nlar), new Starter(adam.name(), adam)),
          samples -> !ratio(samples).wide(), (what, fraction) -> {});
      TextTable table = new TextTable("step", ">ms", ">95 % interval");
      for (Samples samples : outcome.samples()) {
        table.row(samples.name(), milliseconds(samples.time().median()),
            milliseconds(samples.time().low()) + " – " + milliseconds(samples.time().high()));
      }
      out.println(table);
      Interval ratio = ratio(outcome.samples());
      out.printf(Locale.ROOT, "DJL's Adam takes %.2f [%.2f – %.2f] times as long, over %d turns.%n", ratio.median(),
          ratio.low(), ratio.high(), outcome.rounds());
    }
    return ExitCode.OK;
  }

  private static void atLeastOne(String option, int number) {
    if (number < 1) {
      throw new WrongArgumentException(option + " must be at least 1, not " + number);
    }
  }

  private static Interval ratio(List<Samples> samples) {
    return samples.get(1).ratioTo(samples.get(0));
  }

  private static String milliseconds(double nanos) {
    return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
  }
}
