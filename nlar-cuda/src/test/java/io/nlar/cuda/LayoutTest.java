package io.nlar.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.Control;
import io.nlar.Step;
import io.nlar.spi.Codes;
import io.nlar.spi.RulePlan;
import io.nlar.spi.queue.StepTables;
import io.nlar.spi.queue.Struct;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java and kernels/layout.cuh agree on every offset, size, flag and code; a C++ compiler compares them. */
class LayoutTest {
  private static final Path KERNELS = Path.of("src/main/resources/io/nlar/cuda/kernels").toAbsolutePath();
  private static final List<Struct> STRUCTS = List.of(StepTables.TENSOR, StepTables.CHUNK, StepTables.GROUP,
      StepTables.NODE_RECORD, StepTables.REFUSAL, StepArguments.ARGUMENTS);

  @TempDir
  Path folder;

  @BeforeAll
  static void compiler() {
    Assumptions.assumeTrue(HostKernels.available(), "there is no g++ to read the header");
  }

  @Test
  void everyFieldLiesWhereTheHeaderHasIt() throws Exception {
    List<String> facts = new ArrayList<>();
    for (Struct struct : STRUCTS) {
      long end = 0;
      for (Struct.Field field : struct.fields()) {
        assertEquals(end, field.offset(), "a gap before " + field + " of " + struct.name() + " would hide a field");
        end += (long) field.kind().bytes() * field.count();
        String member = "nlar::" + struct.name() + "::" + field.name();
        facts.add("offsetof(nlar::" + struct.name() + ", " + field.name() + ") == " + field.offset());
        facts.add("sizeof(" + member + ") == " + field.kind().bytes() * field.count());
      }
      facts.add("sizeof(nlar::" + struct.name() + ") == " + struct.bytes());
    }
    assertEquals("", refusal(facts));
  }

  @Test
  void everyConstantIsTheHeaders() throws Exception {
    Map<String, Integer> constants = new LinkedHashMap<>();
    for (Field code : Codes.class.getFields()) {
      constants.put(code.getName(), code.getInt(null));
    }
    for (Control element : Control.values()) {
      constants.put(element.name(), element.ordinal());
    }
    constants.put("MOST_NUMBERS", RulePlan.MOST_NUMBERS);
    constants.put("MOST_SLOTS", StepTables.MOST_SLOTS);
    constants.put("MOST_KEPT", RulePlan.MOST_KEPT);
    constants.put("PRODUCTS", StepTables.PRODUCTS);
    constants.put("ZERO_GRADIENT", StepTables.ZERO_GRADIENT);
    constants.put("VALUE_ALIGNED", StepTables.VALUE_ALIGNED);
    constants.put("NEGATED", StepTables.NEGATED);
    constants.put("GRADIENT_ALIGNED", StepTables.GRADIENT_ALIGNED);
    constants.put("SCALARS_GIVEN", StepTables.SCALARS_GIVEN);
    constants.put("FINISHES", StepTables.FINISHES);
    constants.put("REDUCED", StepTables.REDUCED);
    constants.put("REFUSES", StepTables.REFUSES);
    constants.put("GRADIENT_FLOAT32", StepArguments.GRADIENT_FLOAT32);
    constants.put("GRADIENT_BFLOAT16", StepArguments.GRADIENT_BFLOAT16);
    constants.put("GRADIENT_FLOAT16", StepArguments.GRADIENT_FLOAT16);
    constants.put("CHUNK", LaunchShape.CHUNK);
    constants.put("SUM_BLOCK", LaunchShape.SUM_BLOCK);
    constants.put("SUM_THREADS", LaunchShape.SUM_THREADS);
    constants.put("APPLY_THREADS", LaunchShape.APPLY_THREADS);
    constants.put("WIDE", LaunchShape.WIDE);
    constants.put("NO_NODE", StepTables.NO_NODE);
    constants.put("REFUSALS", Step.REMEMBERED_TICKETS);
    List<String> facts = new ArrayList<>();
    constants.forEach((name, value) -> facts.add("nlar::" + name + " == " + Integer.toUnsignedString(value) + "u"));
    assertTrue(facts.contains("nlar::SCALING_SOFT == 6u"), facts.toString());
    assertEquals("", refusal(facts));
  }

  /** What is compared is really looked at. */
  @Test
  void whatDiffersIsRefused() throws Exception {
    assertTrue(refusal(List.of("nlar::SCALING_SOFT == 5u")).contains("nlar::SCALING_SOFT == 5u"));
    assertTrue(refusal(List.of("offsetof(nlar::Group, bound) == 0")).contains("nlar::Group, bound"));
  }

  /** What the compiler says against statements about the header; empty where all of them hold. */
  private String refusal(List<String> facts) throws IOException, InterruptedException {
    StringBuilder source = new StringBuilder("#include <cstddef>\n#include \"layout.cuh\"\n");
    facts.forEach(fact -> source.append("static_assert(").append(fact).append(", \"").append(fact).append("\");\n"));
    Path file = Files.writeString(folder.resolve("facts.cpp"), source);
    Path log = folder.resolve("log");
    Process compiler = new ProcessBuilder("g++", "-std=c++17", "-fsyntax-only", "-I" + KERNELS, file.toString())
        .redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int result = compiler.waitFor();
    String text = Files.readString(log);
    assertEquals(result == 0, text.isEmpty(), text);
    return text;
  }
}
