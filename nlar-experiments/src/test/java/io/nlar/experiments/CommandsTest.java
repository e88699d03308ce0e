package io.nlar.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.cli.ExitCode;
import io.nlar.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as users call them. */
class CommandsTest {
  @TempDir
  Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int nlar(String... arguments) {
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }

  private Path out() {
    return folder.resolve("out");
  }

  private int train(String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "--out", out().toString()));
    arguments.addAll(List.of(more));
    return nlar(arguments.toArray(String[]::new));
  }

  private void assertPictures() throws IOException {
    for (String name : List.of("curves.png", "robustness.png", "rates.png")) {
      assertNotNull(ImageIO.read(out().resolve(name).toFile()), name);
    }
    String page = Files.readString(out().resolve("report.html"));
    assertTrue(page.contains("data:image/png;base64,"), "pictures inside the page");
    int sentence = page.indexOf("at the end is");
    int picture = page.indexOf("<img");
    assertTrue(0 < sentence && sentence < picture && picture < page.indexOf("<table"), "sentence, picture, table");
    assertFalse(page.contains("src=\"curves.png"), "no other file needed");
  }

  @Test
  void trainingLearnsTheDigitsAndLeavesTableSentenceAndPictures() throws IOException {
    assertEquals(ExitCode.OK, train("--optimizers", "nlarcm,adam", "--rates", "1e-2", "--seeds", "1,2", "--epochs", "6"),
        err::toString);
    assertTrue(out.toString().contains("nlarcm ep. 1"), out::toString);
    assertTrue(out.toString().contains("The highest test accuracy at the end is"), out::toString);
    assertPictures();
    String page = Files.readString(out().resolve("report.html"));
    assertTrue(page.indexOf("Test accuracy by initial rate") < page.indexOf("Test accuracy by epoch"), "robustness first");
    List<EpochRecord> records = new RunLog(out(), Measure.ACCURACY).read();
    assertEquals(2 * 2 * 6, records.size());
    for (EpochRecord record : records) {
      assertTrue(record.epoch() < 6 || record.testScore() > 0.85, record::toString);
      assertTrue(record.run().optimizer().equals("nlarcm") == record.lowerRate() < record.upperRate(), record::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nlarsf", "schedulefree", "nlarsm", "nlarpm", "nlarbb", "adamw", "rmsprop", "adagrad", "sgd", "adamhd",
      "adamhd:1e-4", "nadamw", "lion", "prodigy", "dadaptation", "dog"})
  void everyOptimizerLowersTheLossInBothTypes(String optimizer) throws IOException {
    for (String type : List.of("float32", "float64")) {
      assertEquals(ExitCode.OK, train("--optimizers", optimizer, "--rates", optimizer.equals("sgd") ? "0.1" : "0.01",
          "--seeds", "1", "--epochs", "3", "--dtype", type), err::toString);
      List<EpochRecord> records = new RunLog(out(), Measure.ACCURACY).read();
      assertTrue(records.getLast().loss() < 0.98 * records.getFirst().loss(), records::toString);
    }
  }

  @Test
  void theWordDefaultIsEachOptimizersPublishedRate() {
    String[] both = {"--optimizers", "nlarcm,lion,dog", "--rates", "1e-4,default", "--seeds", "1", "--epochs", "1"};
    assertEquals(ExitCode.OK, train(both), err::toString);
    List<EpochRecord> records = new RunLog(out(), Measure.ACCURACY).read();
    Map<String, Double> losses = new HashMap<>();
    records.forEach(record -> losses.put(record.run().optimizer() + " " + Numbers.rate(record.run().rate()), record.loss()));
    assertEquals(Set.of("nlarcm 1e-4", "lion 1e-4", "dog 1e-4", "nlarcm default", "lion default", "dog default"), losses.keySet());
    assertEquals(losses.get("lion 1e-4"), losses.get("lion default"));
    assertTrue(losses.get("nlarcm default") < losses.get("nlarcm 1e-4"), losses::toString);
    assertTrue(losses.get("dog default") > losses.get("dog 1e-4"), "from 1e-6 it takes longer");
    List<String> again = new ArrayList<>(List.of(both));
    again.set(3, "default");
    again.add("--resume");
    out.getBuffer().setLength(0);
    assertEquals(ExitCode.OK, train(again.toArray(String[]::new)), err::toString);
    assertEquals(records, new RunLog(out(), Measure.ACCURACY).read(), "nothing was left to do");
    assertTrue(out.toString().lines().anyMatch(line -> line.matches("lion +1e-4 +[0-9.]+( .*)?")), out::toString);
    assertTrue(out.toString().contains("Each from its default, the highest test accuracy"), out::toString);
  }

  /** The cosine is at 3/4 after a third of the run, less what warms up, and has come down at its end. */
  @Test
  void aScheduleKnowsHowLongTheRunIs() {
    assertEquals(ExitCode.OK, train("--optimizers", "nadamw", "--rates", "0.01", "--seeds", "1", "--epochs", "3"), err::toString);
    List<EpochRecord> records = new RunLog(out(), Measure.ACCURACY).read();
    assertEquals(0.0075, records.getFirst().medianRate(), 3e-4);
    assertTrue(records.getLast().medianRate() > 0 && records.getLast().medianRate() < 1e-5, records::toString);
  }

  @Test
  void aRunThatDivergesIsReportedAndTheOthersGoOn() throws IOException {
    assertEquals(ExitCode.OK, train("--optimizers", "sgd,nlarcm", "--rates", "1e30", "--seeds", "1", "--epochs", "2"),
        err::toString);
    assertTrue(out.toString().contains("diverged"), out::toString);
    List<EpochRecord> records = new RunLog(out(), Measure.ACCURACY).read();
    assertTrue(records.stream().anyMatch(r -> r.diverged() && r.run().optimizer().equals("sgd")), records::toString);
    assertTrue(records.stream().anyMatch(r -> r.run().optimizer().equals("nlarcm")), records::toString);
    assertPictures();
  }

  @Test
  void resumingKeepsFinishedRunsAndDoesTheRest() throws IOException {
    assertEquals(ExitCode.OK, train("--optimizers", "nlarcm", "--rates", "0.1", "--seeds", "1", "--epochs", "2"));
    List<EpochRecord> first = new RunLog(out(), Measure.ACCURACY).read();
    Path csv = out().resolve("runs.csv");
    Files.writeString(csv, Files.readString(csv) + ",adam,0.1,1,1,2.0,0.1,0.1,1,1,0.1,0.1,0.1,false\n,adam,0.1,1,2,0.");
    assertEquals(ExitCode.OK, train("--optimizers", "nlarcm,adam", "--rates", "0.1", "--seeds", "1", "--epochs", "2",
        "--resume"), err::toString);
    List<EpochRecord> all = new RunLog(out(), Measure.ACCURACY).read();
    assertEquals(first, all.subList(0, 2));
    assertEquals(4, all.size());
    assertTrue(all.get(2).loss() != 2.0, "the run that was cut off is done anew");
    assertEquals(ExitCode.FAILED, train("--optimizers", "nlarcm", "--rates", "0.1", "--epochs", "3", "--resume"));
    assertTrue(err.toString().contains("other settings"), err::toString);
  }

  /** Half the state: nearly the same run, and no other's to go on with. */
  @Test
  void aCompactStateIsASettingOfTheRuns() throws IOException {
    assertEquals(ExitCode.OK, train("--optimizers", "nlarcm,adam", "--rates", "0.1", "--seeds", "1", "--epochs", "2"));
    List<EpochRecord> full = new RunLog(out(), Measure.ACCURACY).read();
    assertEquals(ExitCode.OK, train("--optimizers", "nlarcm,adam", "--rates", "0.1", "--seeds", "1", "--epochs", "2",
        "--state", "compact"), err::toString);
    List<EpochRecord> compact = new RunLog(out(), Measure.ACCURACY).read();
    for (int i = 0; i < full.size(); i++) {
      boolean ours = full.get(i).run().optimizer().equals("nlarcm");
      assertEquals(!ours, full.get(i).loss() == compact.get(i).loss(), "DJL's Adam keeps its state as ever");
      assertEquals(full.get(i).loss(), compact.get(i).loss(), 0.05);
    }
    assertEquals(ExitCode.FAILED, train("--optimizers", "nlarcm", "--rates", "0.1", "--epochs", "2", "--resume"));
    assertTrue(err.toString().contains("state compact"), err::toString);
  }

  @Test
  void resumedRunsThatAreNotAskedForStayInTheFileAndOutOfTheTable() throws IOException {
    assertEquals(ExitCode.OK, train("--optimizers", "nlarcm", "--rates", "0.1", "--seeds", "1,2", "--epochs", "1"));
    assertTrue(out.toString().contains("±"), out::toString);
    out.getBuffer().setLength(0);
    assertEquals(ExitCode.OK, train("--optimizers", "nlarcm", "--rates", "0.1", "--seeds", "2", "--epochs", "1",
        "--resume"), err::toString);
    assertFalse(out.toString().contains("±"), out::toString);
    assertEquals(2, new RunLog(out(), Measure.ACCURACY).read().size());
  }

  @Test
  void theDjlStepIsTimedAgainstDjlsAdam() {
    assertEquals(ExitCode.OK, nlar("djl-step", "digits", "--threads", "1", "--seconds", "2"), err::toString);
    assertTrue(out.toString().contains("DJL's Adam takes"), out::toString);
  }

  @Test
  void sweepVariesOneSetting() throws IOException {
    assertEquals(ExitCode.OK, nlar("sweep", "--setting", "bound", "--values", "0.5,none,0.5", "--rates", "0.1", "--seeds", "1",
        "--epochs", "1", "--out", out().toString()), err::toString);
    assertTrue(out.toString().contains("nlarcm none"), out::toString);
    List<EpochRecord> records = new RunLog(out(), Measure.ACCURACY).read();
    assertTrue(records.get(0).loss() != records.get(1).loss(), records::toString);
    assertPictures();
    assertNotNull(ImageIO.read(out().resolve("values.png").toFile()));
  }

  /** Every value that a sweep tries by itself is one, and works; of the many noises see below. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOISE")
  void everySettingSweepsOverItsOwnValues(SweepSetting setting) {
    assertEquals(ExitCode.OK, nlar("sweep", "--setting", setting.label(), "--rates", "0.1", "--seeds", "1", "--epochs", "1",
        "--out", out().toString()), err::toString);
    assertEquals(setting.defaults(),
        new RunLog(out(), Measure.ACCURACY).read().stream().map(record -> record.run().value()).toList());
  }

  /** With a bound that no gradient reaches, all kinds that only bound them do the same. */
  @Test
  void everyScalingIsTheOneThatItsNameSays() {
    List<String> values = List.of("none", "global-norm:1e6", "tensor-norm:1e6", "value:1e6", "global-norm", "tensor-norm",
        "normalised", "normalised-2", "value:1e-2", "soft", "soft:1e-2");
    assertEquals(ExitCode.OK, nlar("sweep", "--setting", "scaling", "--values", String.join(",", values), "--rates", "0.1",
        "--seeds", "1", "--epochs", "1", "--out", out().toString()), err::toString);
    List<Double> losses = new RunLog(out(), Measure.ACCURACY).read().stream().map(EpochRecord::loss).toList();
    assertEquals(1, losses.subList(0, 4).stream().distinct().count(), losses::toString);
    assertEquals(values.size() - 3, losses.stream().distinct().count(), losses::toString);
  }

  /** Every noise is another one, and without noise σ alone does nothing at this size. */
  @Test
  void everyNoiseIsTheOneThatItsNameSays() {
    SweepSetting.NOISE.defaults().forEach(value -> SweepSetting.NOISE.check(new OptimizerChoice("nlarcm"), 0.1, value));
    assertEquals(7 * 11, Set.copyOf(SweepSetting.NOISE.defaults()).size());
    List<String> noises = Stream.of("frozen", "fresh").flatMap(kind -> Stream.of("uniform", "gaussian", "laplace",
        "rademacher", "student-t").map(distribution -> kind + "-" + distribution + ":1e-3")).toList();
    List<String> values = new ArrayList<>(List.of("none:1e-12", "fresh-gaussian:1e-30", "none:1e-30"));
    values.addAll(noises);
    assertEquals(ExitCode.OK, nlar("sweep", "--setting", "noise", "--values", String.join(",", values), "--rates", "0.1",
        "--seeds", "1,2", "--epochs", "1", "--out", out().toString()), err::toString);
    List<EpochRecord> records = new RunLog(out(), Measure.ACCURACY).read();
    List<Double> losses = records.subList(0, values.size()).stream().map(EpochRecord::loss).toList();
    assertEquals(1, losses.subList(0, 3).stream().distinct().count(), losses::toString);
    assertEquals(noises.size() + 1, losses.stream().distinct().count(), losses::toString);
    assertTrue(out.toString().contains("each against its own of none:1e-12, none:1e-30:"), out::toString);
  }

  @Test
  void theSameSeedGivesTheSameRun() throws IOException {
    assertEquals(ExitCode.OK, train("--optimizers", "nlarcm", "--rates", "0.1", "--seeds", "7", "--epochs", "1"));
    double first = new RunLog(out(), Measure.ACCURACY).read().getFirst().loss();
    assertEquals(ExitCode.OK, train("--optimizers", "nlarcm", "--rates", "0.1", "--seeds", "7", "--epochs", "1"));
    assertEquals(first, new RunLog(out(), Measure.ACCURACY).read().getFirst().loss());
    try (var files = Files.list(out())) {
      assertTrue(files.anyMatch(file -> file.getFileName().toString().startsWith("runs-")), "earlier runs are kept");
    }
  }

  private List<EpochRecord> shortRun(Measure measure, String experiment, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(experiment, "--optimizers", "nlarsf,adam", "--rates", "1e-3", "--seeds",
        "1", "--epochs", "2"));
    arguments.addAll(List.of(more));
    assertEquals(ExitCode.OK, train(arguments.toArray(String[]::new)), err::toString);
    assertTrue(out.toString().contains(measure.best() + " " + measure.label() + " at the end is"), out::toString);
    assertPictures();
    List<EpochRecord> records = new RunLog(out(), measure).read();
    assertEquals(4, records.size());
    for (int i = 0; i < 4; i += 2) {
      assertTrue(measure.gain(records.get(i).trainingScore(), records.get(i + 1).trainingScore()) > 0, records::toString);
    }
    return records;
  }

  /** A text that lies in the repository. */
  private static final String TEXT = Path.of("..", "docs", "experiments.md").toString();

  @Test
  void aLanguageModelLearnsAText() throws IOException {
    Path events = folder.resolve("events");
    List<EpochRecord> records = shortRun(Measure.BITS, "text", "--data", TEXT, "--examples", "300", "--tensorboard",
        events.toString());
    records.forEach(record -> assertTrue(record.testScore() > 1 && record.testScore() < 8, record::toString));
    assertTrue(out.toString().contains("300 of "), out::toString);
    assertTrue(Files.isDirectory(events.resolve("nlarsf")), "events");
    assertEquals(ExitCode.OK, train("text", "--data", TEXT, "--examples", "300", "--optimizers", "nlarsf,adam", "--rates",
        "1e-3", "--seeds", "1", "--epochs", "2", "--resume"), err::toString);
    assertEquals(records, new RunLog(out(), Measure.BITS).read());
    assertEquals(ExitCode.FAILED, train("text", "--data", TEXT, "--examples", "200", "--epochs", "2", "--resume"));
    assertTrue(err.toString().contains("other settings") && err.toString().contains("examples 200"), err::toString);
  }

  @Test
  void wordsGetVectors() throws IOException {
    List<EpochRecord> records = shortRun(Measure.ERROR, "embed", "--data", TEXT, "--examples", "all");
    assertFalse(out.toString().contains("tested on"), out::toString);
    List<EpochRecord> onSome = shortRun(Measure.ERROR, "embed", "--data", TEXT, "--examples", "all", "--test-examples", "50");
    assertTrue(out.toString().contains("tested on 50 of "), out::toString);
    for (int i = 0; i < records.size(); i++) {
      assertEquals(records.get(i).loss(), onSome.get(i).loss(), "it learns the same");
      assertNotEquals(records.get(i).testScore(), onSome.get(i).testScore(), "but is tested on less");
    }
    assertEquals(ExitCode.FAILED, train("embed", "--data", TEXT, "--test-examples", "49", "--epochs", "2", "--resume"));
    assertTrue(err.toString().contains("other settings") && err.toString().contains("test examples 49"), err::toString);
  }

  @Test
  void aTableIsRegressed() throws IOException {
    List<EpochRecord> records = shortRun(Measure.ERROR, "tabular", "--examples", "2000");
    records.forEach(record -> assertTrue(record.testScore() > 0.2 && record.testScore() < 1, record::toString));
  }

  @Test
  void fashionLearnsFromFilesOfItsForm() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    byte[] images = DataTest.images(1200);
    for (int i = 16; i < images.length; i++) {
      images[i] = (byte) ((i - 16) % 784 / 56 == (i - 16) / 784 % 10 ? 255 : 0); // two bright rows tell the class
    }
    Files.write(data.resolve("train-images-idx3-ubyte"), images);
    Files.write(data.resolve("train-labels-idx1-ubyte"), DataTest.labels(1200));
    Files.write(data.resolve("t10k-images-idx3-ubyte"), DataTest.images(30));
    Files.write(data.resolve("t10k-labels-idx1-ubyte"), DataTest.labels(30));
    shortRun(Measure.ACCURACY, "fashion", "--data", data.toString());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
    "train | nonsense | there is no experiment 'nonsense'",
    "train | --optimizers=adam,foo | there is no optimizer 'foo'",
    "train | --optimizers= | there is no optimizer ''",
    "train | --optimizers=adamhd:x | hypergradient rate must be a number",
    "train | --rates=0.1,x | 'x' is no initial rate",
    "train | --rates=defaults | or the word default",
    "train | --rates=NaN | 'NaN' is no initial rate",
    "train | --rates=-1 | '-1' is no initial rate",
    "train | --rates=1e39 | '1e39' is no initial rate",
    "train | --rates= | '' is no initial rate",
    "train | --seeds=a | 'a' is no seed",
    "train | --seeds=3000000000 | whole numbers of 32 bits",
    "train | --epochs=0 | at least 1",
    "train | --epochs=many | --epochs",
    "train | --examples=0 | must be a number of at least 1, or all, not 0",
    "train | --examples=some | must be a number of at least 1, or all, not some",
    "train | --examples=1438 | there are 1437 images; give all, or fewer",
    "train | --test-examples=none | --test-examples must be a number of at least 1, or all, not none",
    "train | --test-examples=361 | there are 360 to test on; give all, or fewer",
    "train | cartpole --test-examples=5 | the experiment cartpole has no examples to choose from",
    "train | cartpole --examples=5 | the experiment cartpole has no examples to choose from",
    "train | --data=. | the experiment digits brings its data along",
    "train | --data= | it is empty",
    "train | --dtype=float16 | sweep --setting state --values float16",
    "train | --dtype=bfloat16 | DJL's PyTorch engine cannot train in it on the CPU",
    "train | --dtype=int8 | use float32",
    "train | --state=half | give --state full or compact",
    "sweep | --setting=state --values=fp8 | give full, compact, bfloat16, bfloat16-alone or float16",
    "train | --backend= | '' is no device's selector",
    "train | --backend=cpu:x | 'cpu:x' is no device's selector",
    "sweep | --setting=nothere | there is no setting 'nothere'",
    "sweep | --setting=sigma --values=-1 | '-1' is no value of sigma",
    "sweep | --setting=sigma --values=x | 'x' is no value of sigma",
    "sweep | --setting=decay --values=2 | give 1/t, 1/sqrt(t) or none",
    "sweep | --setting=noise --values=fresh | frozen- or fresh- before uniform, gaussian",
    "sweep | --setting=noise --values=fresh-gaussian:-1 | 'fresh-gaussian:-1' is no value of noise",
    "sweep | --setting=scaling --values=value:0 | 'value:0' is no value of scaling",
    "sweep | --setting=scaling --values=none:1 | which has no bound",
    "sweep | --setting=scaling --values=norm | give global-norm, tensor-norm, normalised,",
    "sweep | --setting=lower --optimizers=nlarcm | nlarsm alone",
    "sweep | --setting=secant --optimizers=nlarcm | nlarbb alone",
    "sweep | --setting=k0 --optimizers=adam | adam has none",
    "ablate | --parts=nothere | there is no part 'nothere' to take away",
    "ablate | --optimizers=adam | ablate takes nlarsm and nlarcm apart, and nlarsf, not adam",
    "ablate | --optimizers=nlarsf --parts=per-tensor | there is no part 'per-tensor' of nlarsf to take away",
    "ablate | --optimizers=nlarsf,nlarcm | nlarsf has parts of its own; take it apart without nlarcm",
    "djl-step | nonsense | there is no experiment 'nonsense'",
    "djl-step | cartpole | there is no experiment 'cartpole'",
    "djl-step | --threads=0 | --threads must be at least 1",
    "djl-step | --seconds=0 | --seconds must be at least 1",
  })
  void aWrongArgumentIsNamedAndHasItsStatus(String command, String argument, String message) {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of(argument.split(" ")));
    if (!command.equals("djl-step")) {
      arguments.addAll(List.of("--out", out().toString()));
    }
    assertEquals(ExitCode.USAGE, nlar(arguments.toArray(String[]::new)), err::toString);
    assertTrue(err.toString().contains(message), err::toString);
    assertFalse(Files.exists(out()), "nothing was begun");
  }

  @Test
  void aBackendThatIsNotThereIsAFailure() {
    assertEquals(ExitCode.FAILED, train("--backend", "nothere"));
    assertTrue(err.toString().contains("there is no backend 'nothere'"), err::toString);
  }

  @Test
  void aBrokenLogIsSaidToBeUnreadable() throws IOException {
    assertEquals(ExitCode.OK, train("--optimizers", "sgd", "--rates", "0.1", "--seeds", "1", "--epochs", "1"));
    Path csv = out().resolve("runs.csv");
    Files.write(csv, new byte[] {(byte) 0xff, (byte) 0xfe, '\n'});
    assertEquals(ExitCode.FAILED,
        train("--optimizers", "sgd", "--rates", "0.1", "--seeds", "1", "--epochs", "1", "--resume"));
    assertTrue(err.toString().contains("cannot read " + csv + ": it is no text in UTF-8"), err::toString);
    assertFalse(err.toString().contains("cannot write"), err::toString);
  }

  @Test
  void aSecondCommandIsKeptOutOfTheFolder() throws IOException {
    Files.createDirectories(out());
    try (RunLock _ = RunLock.take(out())) {
      assertEquals(ExitCode.FAILED, train("--optimizers", "sgd", "--rates", "0.1", "--seeds", "1", "--epochs", "1"));
      assertTrue(err.toString().contains("another train, sweep or ablate is writing to " + out()), err::toString);
      assertFalse(Files.exists(out().resolve("runs.csv")));
    }
    assertEquals(ExitCode.OK, train("--optimizers", "sgd", "--rates", "0.1", "--seeds", "1", "--epochs", "1"));
  }

  @Test
  void anOutputFolderThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertEquals(ExitCode.FAILED, nlar("train", "--out", file.toString()));
    assertTrue(err.toString().contains("cannot write to the output folder " + file), err::toString);
  }
}
