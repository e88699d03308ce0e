package io.nlar.experiments;

import io.nlar.cli.NlarCommand;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nlar ablate}: what every part of an estimator is good for. */
@Command(
    name = "ablate",
    description = {
      "Take away one part of an estimator at a time over initial learning rates, and compare with the whole.",
      "whole: as in train. no-clipping: gradients as they come. no-momentum: with it goes the estimator, θ ← θ − λ·f."
          + " frozen-lambda: γ = λ always. frozen-median: γ = the median with which a whole run of the same seed ended."
          + " normalised-sgd: γ = λ, gradients always of norm 1, the same momentum. per-tensor: one γ for each tensor.",
      "With --optimizers nlarsf: whole, no-clipping; no-interpolation: gradients taken at z. no-average: z evaluated too."
          + " no-growth: K0 = 0. shared: η = 0. no-bias: b0 = 0. no-bound: no γmax. frozen-lambda, frozen-largest:"
          + " γ = λ or γmax always.",
      "Writes the same files as train, and values.png; without fonts no pictures, and the exit status is 3."
    })
public final class AblateCommand implements NlarCommand {
  @Spec
  private CommandSpec spec;

  @Mixin
  private CampaignOptions options;

  @Option(names = "--parts", split = ",", paramLabel = "PART", description = "What to take away. Default: all of the optimizer's.")
  private List<String> parts = new ArrayList<>();

  @Option(names = "--optimizers", split = ",", paramLabel = "NAME", description = "nlarsm, nlarcm; or nlarsf. Default: nlarcm.")
  private List<String> optimizers = new ArrayList<>(List.of("nlarcm"));

  @Override
  public Integer call() throws Exception {
    return new Campaign(options, optimizers.contains("nlarsf") ? new AveragedAblation() : new Ablation(), parts, optimizers)
        .run(spec.commandLine().getOut(), spec.commandLine().getErr());
  }
}
