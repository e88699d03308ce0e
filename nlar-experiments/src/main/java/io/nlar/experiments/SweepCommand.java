package io.nlar.experiments;

import io.nlar.cli.NlarCommand;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nlar sweep}: how much one setting of Nlar matters. */
@Command(
    name = "sweep",
    description = {
      "Vary one setting of Nlar over initial learning rates, and compare.",
      "Writes the same files as train, and values.png; without fonts no pictures, and the exit status is 3."
    })
public final class SweepCommand implements NlarCommand {
  @Spec
  private CommandSpec spec;

  @Mixin
  private CampaignOptions options;

  @Option(names = "--setting", required = true, paramLabel = "SETTING",
      description = "momentum, decay, sigma, noise (none, or frozen- or fresh- before the distribution, with sigma after a"
          + " colon: fresh-gaussian:1e-4), k0, lower (nlarsm only), secant (nlarbb only), bound, state (full; compact: in"
          + " bfloat16; bfloat16, bfloat16-alone, float16: values and gradients too, with a master or alone), or scaling (the"
          + " kind of it, with a bound after a colon: value:0.01).")
  private String setting;

  @Option(names = "--values", split = ",", paramLabel = "VALUE", description = "Values to try. Default: those of the paper, and usual ones.")
  private List<String> values = new ArrayList<>();

  @Option(names = "--optimizers", split = ",", paramLabel = "NAME",
      description = "nlarsm, nlarcm, nlarpm, nlarbb. Default: nlarcm; for the setting lower nlarsm, for secant nlarbb.")
  private List<String> optimizers = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    SweepSetting chosen = SweepSetting.named(setting);
    List<String> names = !optimizers.isEmpty() ? optimizers
        : List.of(switch (chosen) {
          case LOWER -> "nlarsm";
          case SECANT -> "nlarbb";
          default -> "nlarcm";
        });
    return new Campaign(options, chosen, values, names)
        .run(spec.commandLine().getOut(), spec.commandLine().getErr());
  }
}
