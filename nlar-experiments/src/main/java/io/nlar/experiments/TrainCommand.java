package io.nlar.experiments;

import io.nlar.cli.NlarCommand;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nlar train}: optimizers against each other over initial learning rates. */
@Command(
    name = "train",
    description = {
      "Train a network with several optimizers from several initial learning rates, and compare.",
      "Writes runs.csv, curves.png, robustness.png, rates.png and report.html, in which they can be zoomed; without fonts no"
          + " pictures, and the exit status is 3."
    })
public final class TrainCommand implements NlarCommand {
  @Spec
  private CommandSpec spec;

  @Mixin
  private CampaignOptions options;

  @Option(names = "--optimizers", split = ",", paramLabel = "NAME",
      description = "nlarsf, nlarsm, nlarcm, nlarpm, nlarbb, schedulefree, adam, adamw, nadamw (warm-up and cosine decay), lion, prodigy,"
          + " dadaptation (of Adam), dog (its average), rmsprop, adagrad, sgd, adamhd (hypergradient rate 1e-7), adamhd:1e-4. adamw"
          + " and schedulefree are AdamW and Schedule-Free AdamW on the same step as Nlar. Default: nlarsf,nlarcm,adam,adamhd.")
  private List<String> optimizers = new ArrayList<>(List.of("nlarsf", "nlarcm", "adam", "adamhd"));

  @Option(names = "--state", paramLabel = "STATE", defaultValue = "full",
      description = "How the library's optimizers (nlar..., adamw) keep their state: full, or compact: in bfloat16, half the"
          + " bytes. Default: full.")
  private String state;

  @Override
  public Integer call() throws Exception {
    return new Campaign(options, new Unvaried(Unvaried.precision(state)), List.of(), optimizers)
        .run(spec.commandLine().getOut(), spec.commandLine().getErr());
  }
}
