package io.nlar.cpu.generator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the apply kernels in src/generated/java from the rules in src/kernels, and the sum and noise kernels from their templates.
 * Run by {@code build-kernels}; a test compares what it makes with what is checked in.
 */
public final class KernelGenerator {
  private static final String PACKAGE = "io/nlar/cpu/kernel/";

  private static final Pattern ONLY = Pattern.compile("((?:FLOAT|DOUBLE|PACKED)(?:,(?:FLOAT|DOUBLE|PACKED))*):(.*)");
  private static final Pattern EACH_SLOT = Pattern.compile("EACH SLOT:\n(.*?)END\n", Pattern.DOTALL);
  private static final Pattern EACH_OBSERVED = Pattern.compile("EACH OBSERVED:\n(.*?)END\n", Pattern.DOTALL);

  private final Path kernels;

  private KernelGenerator(Path kernels) {
    this.kernels = kernels;
  }

  /** Writes all kernels: {@code KernelGenerator <src/kernels> <src/generated/java>}. */
  public static void main(String[] arguments) throws IOException {
    Path out = Path.of(arguments[1]);
    for (Map.Entry<String, String> file : all(Path.of(arguments[0])).entrySet()) {
      Path target = out.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.writeString(target, file.getValue());
    }
  }

  /** Every kernel's path below the folder of sources, with its text. */
  static Map<String, String> all(Path kernels) throws IOException {
    return new KernelGenerator(kernels).generate();
  }

  private Map<String, String> generate() throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    for (String name : rules()) {
      RuleSource rule = RuleSource.read(kernels, name);
      for (Element element : Element.COMPUTED) {
        put(files, name + element.vector(), vector(rule, element));
        put(files, name + element.boxed() + "Scalar", scalar(rule, element));
      }
      put(files, name + "PackedVector", packedVector(rule));
      put(files, name + "PackedScalar", packedScalar(rule));
    }
    for (Element element : Element.values()) {
      put(files, "Sums" + element.vector(), template("SumsVector.txt", element, Map.of()));
      put(files, "Sums" + element.kernels() + "Scalar", template("SumsScalar.txt", element, Map.of()));
    }
    for (Element element : Element.COMPUTED) {
      put(files, "Products" + element.vector(), template("ProductsVector.txt", element, Map.of()));
      put(files, "Products" + element.kernels() + "Scalar", template("ProductsScalar.txt", element, Map.of()));
      put(files, "Noise" + element.vector(), template("NoiseVector.txt", element, Map.of()));
    }
    return files;
  }

  private static void put(Map<String, String> files, String type, String text) {
    files.put(PACKAGE + type + ".java", text);
  }

  /** The rules that are final: the others are what these share. */
  private List<String> rules() throws IOException {
    try (Stream<Path> files = Files.list(kernels.resolve("rules"))) {
      List<Path> sorted = files.sorted().toList();
      return sorted.stream()
          .filter(KernelGenerator::isFinal)
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .toList();
    }
  }

  private static boolean isFinal(Path file) {
    try {
      return Files.readString(file).contains("final class ");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String vector(RuleSource rule, Element element) throws IOException {
    VectorEmitter emitter = new VectorEmitter(rule, element, "      ");
    String body = emitter.emit("element");
    return template("ApplyVector.txt", element, parts(rule, emitter, body, broadcasts(rule, emitter, element), element,
        "final " + element.vector(), place(element)));
  }

  /** What a kernel on vectors broadcasts before its loop, by name. */
  private static Map<String, String> broadcasts(RuleSource rule, VectorEmitter emitter, Element element) {
    String broadcast = element.vector() + ".broadcast(SPECIES, ";
    Map<String, String> once = new LinkedHashMap<>();
    emitter.constants().forEach((name, value) -> once.put(name, broadcast + value + ")"));
    emitter.usedScalars().forEach(name -> once.put(name, broadcast + element.narrowed(scalar(rule, name)) + ")"));
    emitter.divisors().forEach(name -> {
      String divisor = element.narrowed(scalar(rule, name));
      once.put(VectorEmitter.negated(name), broadcast + "-" + divisor + ")");
      once.put(VectorEmitter.reciprocal(name), broadcast + "1 / " + divisor + ")");
    });
    return once;
  }

  private String packedVector(RuleSource rule) throws IOException {
    PackedVectorEmitter even = new PackedVectorEmitter(rule, "Even");
    PackedVectorEmitter odd = new PackedVectorEmitter(rule, "Odd");
    String body = even.emit("element");
    Map<String, String> parts = parts(rule, even, "", broadcasts(rule, even, Element.FLOAT), Element.FLOAT,
        "final " + Element.FLOAT.vector(), PACKED_PLACE);
    parts.put("EVEN", body);
    parts.put("ODD", odd.emit("element"));
    return ExactClasses.cast(template("ApplyPackedVector.txt", Element.FLOAT, parts, even.guards(), even.observed()),
        PACKED_CONSTANTS);
  }

  private String packedScalar(RuleSource rule) throws IOException {
    PackedScalarEmitter emitter = new PackedScalarEmitter(rule);
    String body = emitter.emit("element");
    Map<String, String> once = new LinkedHashMap<>();
    emitter.usedScalars().forEach(name -> once.put(name, Element.FLOAT.narrowed(scalar(rule, name))));
    Map<String, String> parts = parts(rule, emitter, body, once, Element.FLOAT, "final float", PACKED_PLACE);
    return template("ApplyPackedScalar.txt", Element.FLOAT, parts, emitter.guards(), emitter.observed());
  }

  /** Of the template of packed vectors, those that are vectors. */
  private static final Map<String, String> PACKED_CONSTANTS = Stream.concat(
      Stream.of("PAIRS", "UPPER_HALF", "LOWER_HALF", "M1", "M2").map(name -> Map.entry(name, "IntVector")),
      Stream.of("LEAST", "INFINITE", "LARGEST", "ONE_UP", "NO_HALVES").map(name -> Map.entry(name, "ShortVector")))
      .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));

  private static final String PACKED_PLACE = "place * (ROUNDED_STATE ? Short.BYTES : Float.BYTES)";

  private static String place(Element element) {
    return "place * " + element.boxed() + ".BYTES";
  }

  private String scalar(RuleSource rule, Element element) throws IOException {
    ScalarEmitter emitter = new ScalarEmitter(rule, element, "      ");
    String body = emitter.emit("element");
    Map<String, String> once = new LinkedHashMap<>();
    emitter.usedScalars().forEach(name -> once.put(name, element.narrowed(scalar(rule, name))));
    return template("ApplyScalar.txt", element, parts(rule, emitter, body, once, element, "final " + element.primitive(), place(element)));
  }

  private static String scalar(RuleSource rule, String name) {
    int place = rule.scalars().indexOf(name);
    return place < rule.frame() ? "scalars[FRAME + " + place + "]" : "scalars[" + (place - rule.frame()) + "]";
  }

  private static Map<String, String> parts(RuleSource rule, Emitter emitter, String body, Map<String, String> once,
      Element element, String type, String place) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("RULE", rule.name());
    parts.put("CONSTANTS", Stream.concat(
        rule.flags().entrySet().stream().map(flag -> "  private static final boolean " + flag.getKey() + " = "
            + flag.getValue() + ";\n"),
        rule.slots().entrySet().stream().map(slot -> "  private static final int " + slot.getKey() + " = "
            + slot.getValue() + ";\n")).collect(Collectors.joining()));
    parts.put("ADDRESSES", emitter.usedSlots().stream()
        .map(slot -> "    final long " + Slots.address(slot) + " = ApplyKernel.address(slots, " + slot + ", "
            + (emitter.observed().containsKey(slot) ? place(element) : place) + ");\n")
        .collect(Collectors.joining()));
    parts.put("ONCE", once.entrySet().stream()
        .map(one -> "    " + type + " " + one.getKey() + " = " + one.getValue() + ";\n")
        .collect(Collectors.joining()));
    parts.put("BODY", body);
    return parts;
  }

  /** A template with its parts filled in: {@code $NAME$}; a line that holds only a part takes all of its lines. */
  private String template(String file, Element element, Map<String, String> parts) throws IOException {
    return template(file, element, parts, Map.of(), Map.of());
  }

  /**
   * The same; what stands between the lines {@code EACH SLOT:} or {@code EACH OBSERVED:} and {@code END} is there once for each.
   *
   * @param guards the slots, and under which constants of the variant they are there
   * @param observed what is stored alone, likewise
   */
  private String template(String file, Element element, Map<String, String> parts, Map<String, String> guards,
      Map<String, String> observed) throws IOException {
    Map<String, String> all = new LinkedHashMap<>(parts);
    all.put("VECTOR", element.vector());
    all.put("BOXED", element.boxed());
    all.put("PRIMITIVE", element.primitive());
    all.put("LAYOUT", element.layout());
    all.put("NAME", element.kernels());
    all.put("BITS", element.text());
    String text = each(EACH_OBSERVED, observed, each(EACH_SLOT, guards, Files.readString(kernels.resolve(file))));
    for (Map.Entry<String, String> part : all.entrySet()) {
      text = text.replace("$" + part.getKey() + "$\n", part.getValue().endsWith("\n") || part.getValue().isEmpty()
          ? part.getValue() : part.getValue() + "\n");
      text = text.replace("$" + part.getKey() + "$", part.getValue());
    }
    return only(text, element);
  }

  private static String each(Pattern sections, Map<String, String> guards, String text) {
    return sections.matcher(text).replaceAll(section -> Matcher.quoteReplacement(guards.entrySet().stream()
        .map(slot -> Slots.fill(section.group(1), slot.getKey(), slot.getValue())).collect(Collectors.joining())));
  }

  /** Leaves out the lines that are for other element types: they begin with the names of theirs, {@code FLOAT,DOUBLE:}. */
  private static String only(String text, Element element) {
    return text.lines()
        .map(ONLY::matcher)
        .filter(line -> !line.matches() || List.of(line.group(1).split(",")).contains(element.name()))
        .map(line -> line.replaceFirst("$2"))
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
