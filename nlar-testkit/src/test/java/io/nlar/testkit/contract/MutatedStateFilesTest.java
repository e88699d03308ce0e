package io.nlar.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Control;
import io.nlar.DType;
import io.nlar.Noise;
import io.nlar.Restore;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.StepConfig;
import io.nlar.testkit.DeviceModel;
import io.nlar.testkit.GroupSpec;
import io.nlar.testkit.HostValues;
import io.nlar.testkit.Layout;
import io.nlar.testkit.ReferenceStep;
import io.nlar.testkit.ReferenceTensor;
import io.nlar.testkit.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of state files that were changed at random. Each is refused as a state file, and the step is as it was; or
 * taken, and then the step is as the file says, which is read independently here.
 */
class MutatedStateFilesTest {
  private static final int FILES = 2_500;
  private static final List<GroupSpec> GROUPS = List.of(
      GroupSpec.of(StepConfig.nlarcm(), DType.FLOAT32, new TensorSpec("w", 5), new TensorSpec("v", 5)),
      GroupSpec.of(StepConfig.nlarsm().withNoise(new Noise.Frozen(1)), DType.FLOAT64, new TensorSpec("x", 2)));
  private static final String[] TOKENS = {"null", "0", "-1", "1e3", "\"\"", "[]", "{}", "18446744073709551620",
      "9007199254740993", "\"w/rate\"", ",", ":", "\\u0000", "\\", "\"", "F32", "F64", "\u0662", " ", "true", "[0,20]"};

  private static final String CONTROL = "the control block";

  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void eachIsRefusedOrTakenAsItIs(boolean rightChecksum) throws IOException {
    Path file = folder.resolve("state");
    SplittableRandom random = new SplittableRandom(rightChecksum ? 1 : 2);
    ReferenceStep start = new ReferenceStep(GROUPS);
    try (ReferenceDevice device = new ReferenceDevice();
        DeviceModel model = new DeviceModel(device, GROUPS, Layout.ALLOCATED)) {
      model.setValues(start);
      model.step().run(1, 1);
      model.step().save(file);
      StateFileBytes good = StateFileBytes.of(Files.readAllBytes(file));
      int taken = 0;
      for (int i = 0; i < FILES; i++) {
        byte[] bytes = changed(good, random).file();
        Files.delete(file); // to overwrite one takes some file systems ten times as long
        Files.write(file, rightChecksum ? bytes : broken(bytes, random));
        Map<String, double[]> before = state(model);
        try {
          model.step().restore(file, random.nextBoolean() ? Restore.STRICT : Restore.MATCHING);
          taken++;
          assertHolds(StateFileBytes.of(bytes), before, state(model));
        } catch (StateFileException refused) {
          assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
          String text = new String(bytes, StandardCharsets.UTF_8);
          assertTrue(!refused.getMessage().contains("null") || text.contains("null"), refused.getMessage());
          state(model).forEach((name, values) ->
              assertTrue(Arrays.equals(before.get(name), values), name + ": " + refused.getMessage()));
        }
      }
      assertEquals(rightChecksum, taken > FILES / 20, taken + " files were taken");
    }
  }

  private static Map<String, double[]> state(DeviceModel model) {
    Map<String, double[]> state = new HashMap<>();
    for (ReferenceTensor tensor : new ReferenceStep(GROUPS).tensors()) {
      String name = tensor.spec().name();
      for (Slot slot : Slot.values()) {
        if (tensor.state(slot) != null) {
          state.put(name + "/" + slot.label(), HostValues.read(model.step().state(name, slot)));
        }
      }
    }
    state.put(CONTROL, HostValues.read(model.step().control()));
    return state;
  }

  private static StateFileBytes changed(StateFileBytes good, SplittableRandom random) {
    if (random.nextInt(8) == 0) {
      byte[] data = good.data().clone();
      data[random.nextInt(data.length)] ^= (byte) (1 << random.nextInt(7)); // a change of the sign could be lost
      return new StateFileBytes(good.header(), data);
    }
    StringBuilder text = new StringBuilder(good.text());
    for (int n = random.nextInt(3); n >= 0; n--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(5)) {
        case 0 -> text.setCharAt(at, (char) (' ' + random.nextInt(95)));
        case 1 -> text.deleteCharAt(at);
        case 2 -> text.insert(at, TOKENS[random.nextInt(TOKENS.length)]);
        case 3 -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(80))));
        default -> {
          int digit = at;
          while (digit < text.length() && !Character.isDigit(text.charAt(digit))) {
            digit++;
          }
          if (digit < text.length()) {
            text.setCharAt(digit, (char) ('0' + random.nextInt(10)));
          }
        }
      }
    }
    return good.withText(text.toString());
  }

  /** Changed once more, so that the checksum is wrong. */
  private static byte[] broken(byte[] file, SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(file, random.nextInt(file.length));
    }
    file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
    return file;
  }

  private static void assertHolds(StateFileBytes file, Map<String, double[]> before, Map<String, double[]> after)
      throws IOException {
    for (String key : after.keySet()) {
      if (!key.equals(CONTROL)) {
        double[] stored = file.tensor(key);
        assertTrue(Arrays.equals(stored == null ? before.get(key) : stored, after.get(key)), key + " of " + file.text());
      }
    }
    double[] control = after.get(CONTROL);
    assertEquals(file.metadata("nlar.applied"), Long.toString((long) control[Control.APPLIED.ordinal()]));
    assertEquals(file.metadata("nlar.skipped"), Long.toString((long) control[Control.SKIPPED.ordinal()]));
  }
}
