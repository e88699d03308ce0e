package io.nlar.cuda;

import io.nlar.cuda.interpreter.Kernel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A kernel with one instruction changed. */
record PtxMutant(String kernel, int line, String before, String after) {
  /** Operations and comparisons by what comes in their place; each pair computes something else on ordinary numbers. */
  private static final List<Map.Entry<String, String>> SWAPS = List.of(Map.entry("add.", "sub."),
      Map.entry("sub.", "add."), Map.entry("mul.rn", "add.rn"), Map.entry("mul.lo", "add"), Map.entry("div.rn", "mul.rn"),
      Map.entry("fma.rn.f64 ", "add.rn.f64 "), Map.entry("min.", "max."), Map.entry("max.", "min."),
      Map.entry("and.", "or."), Map.entry("or.", "and."), Map.entry("xor.b", "and.b"), Map.entry("shl.", "shr."),
      Map.entry("shr.", "shl."), Map.entry("abs.", "neg."), Map.entry("neg.", "abs."), Map.entry("sqrt.", "rcp."),
      Map.entry("setp.eq", "setp.ne"), Map.entry("setp.ne", "setp.eq"), Map.entry("setp.ltu", "setp.ge"),
      Map.entry("setp.leu", "setp.gt"), Map.entry("setp.gtu", "setp.le"), Map.entry("setp.geu", "setp.lt"),
      Map.entry("setp.lt", "setp.ge"), Map.entry("setp.le", "setp.gt"), Map.entry("setp.gt", "setp.le"),
      Map.entry("setp.ge", "setp.lt"));
  /**
   * Changes that no run can see, of these and of jumps on them: whether a division by 1 is left out; whether h, which is
   * never 0, is above 0; whether a pack has any element, or a decay is 0; what stands for elements that a pack lacks, in
   * words too, and how many it has beyond the pair that is looked at; infinities of float16, of which only few rows of a
   * block have one; elements beyond 2³⁴.
   */
  private static final Pattern EQUIVALENT = Pattern.compile("setp\\.eq\\.f\\d+ .*(?:0f3F800000|0d3FF0{13})"
      + "|setp\\.leu\\.f\\d+ .*(?:0f0{8}|0d0{16})|setp\\.eq\\.s32 %p\\d+, %r\\d+, 0|mov\\.f\\d+ .*|mov\\.u64 %rd\\d+, 0"
      + "|mov\\.u32 %r\\d+, %r\\d+|min\\.s32 %r\\d+, %r\\d+, 8|setp\\.lt\\.u32 .*, 260046848|shr\\.u64 .*, 34");
  /** An access to shared memory at a fixed place. */
  private static final Pattern SHARED = Pattern.compile("(?:ld|st)\\.shared(?:\\.v(?<elements>\\d))?\\.[a-z](?<bits>\\d+)"
      + "[^\\[]*\\[(?<variable>_[\\w$]+)(?:\\+(?<offset>\\d+))?\\].*");
  private static final Pattern REGISTER = Pattern.compile("%(p|rs|r|fd|f|rd)\\d+");
  private static final Pattern NUMBER = Pattern.compile("(?<=[ +])-?\\d+(?=[,\\]]|$)|0[fd][0-9A-F]{8,16}");

  @Override
  public String toString() {
    return kernel + ", line " + line + ": " + before + " -> " + after;
  }

  /** The module's text with the change. */
  String text(String module) {
    return line(module, line, after.isEmpty() ? "" : after + ";");
  }

  /** A text with another line in place of one, which is counted from 1. */
  static String line(String text, int line, String other) {
    int begin = 0;
    for (int i = 1; i < line; i++) {
      begin = text.indexOf('\n', begin) + 1;
    }
    return text.substring(0, begin) + other + text.substring(text.indexOf('\n', begin));
  }

  /**
   * Changes an instruction that is executed, at random: drops it, or puts another operation, comparison, register or
   * constant. Left alone are results that nothing executed reads, what orders or ends (that is the race detector's), and
   * what is known to make no difference.
   *
   * @param live the instructions that may be changed ({@link #live})
   */
  static PtxMutant of(Kernel kernel, boolean[] live, SplittableRandom random) {
    while (true) {
      int index = random.nextInt(kernel.instructions().size());
      String before = kernel.instructions().get(index);
      Optional<String> after = !live[index] || equivalent(kernel, before)
          ? Optional.empty()
          : switch (random.nextInt(4)) {
            case 0 -> Optional.of("");
            case 1 -> swapped(before);
            case 2 -> register(before, kernel, random);
            default -> number(before, random);
          };
      if (after.isPresent() && !after.get().equals(before)) {
        return new PtxMutant(kernel.name(), kernel.lines()[index], before, after.get());
      }
    }
  }

  private static boolean equivalent(Kernel kernel, String text) {
    MatchResult predicate = REGISTER.matcher(text).results().findFirst().orElse(null);
    return EQUIVALENT.matcher(text).matches() || text.startsWith("@") && kernel.instructions().stream()
        .anyMatch(i -> i.startsWith("setp") && i.contains(predicate.group() + ",") && EQUIVALENT.matcher(i).matches());
  }

  /**
   * The instructions that were executed and whose results reach a store, a jump or another lane; what is stored in shared
   * memory counts where it is loaded.
   */
  static boolean[] live(Kernel kernel, long[] executed) {
    List<String> code = kernel.instructions();
    Predicate<String> kept = keptInShared(code, executed);
    boolean[] live = new boolean[code.size()];
    Set<String> read = new HashSet<>();
    for (boolean grown = true; grown; ) {
      grown = false;
      for (int i = code.size() - 1; i >= 0; i--) {
        String text = code.get(i);
        List<String> registers = REGISTER.matcher(text).results().map(MatchResult::group).toList();
        boolean acts = text.matches("(@|st|atom|red|shfl).*") && kept.test(text);
        if (!live[i] && executed[i] > 0 && (acts || text.startsWith("ld") && registers.stream().anyMatch(read::contains)
            || !registers.isEmpty() && read.contains(registers.getFirst()))) {
          live[i] = true;
          grown |= read.addAll(acts ? registers : registers.subList(1, registers.size()));
          grown = true;
        }
      }
    }
    return live;
  }

  /**
   * Whether an instruction is no store to a fixed place in shared memory that no executed load touches; a variable whose
   * address is taken may be loaded from anywhere.
   */
  private static Predicate<String> keptInShared(List<String> code, long[] executed) {
    Set<String> loaded = new HashSet<>();
    for (int i = 0; i < code.size(); i++) {
      if (executed[i] > 0 && code.get(i).startsWith("ld.shared")) {
        loaded.addAll(sharedBytes(code.get(i)));
      }
    }
    Set<String> addressed = code.stream().filter(text -> text.startsWith("mov")).flatMap(text -> Stream.of(text.split("[ ,]+")))
        .filter(word -> word.startsWith("_")).collect(Collectors.toSet());
    return text -> {
      List<String> stored = text.startsWith("st.shared") ? sharedBytes(text) : List.of();
      return stored.isEmpty() || addressed.contains(stored.getFirst().split(" ")[0])
          || stored.stream().anyMatch(loaded::contains);
    };
  }

  /** The bytes of shared memory that an access touches, by variable and offset; none where they are not fixed. */
  private static List<String> sharedBytes(String access) {
    Matcher matcher = SHARED.matcher(access);
    if (!matcher.matches()) {
      return List.of();
    }
    int first = matcher.group("offset") == null ? 0 : Integer.parseInt(matcher.group("offset"));
    int elements = matcher.group("elements") == null ? 1 : Integer.parseInt(matcher.group("elements"));
    int count = elements * Integer.parseInt(matcher.group("bits")) / 8;
    return IntStream.range(first, first + count).mapToObj(i -> matcher.group("variable") + " " + i).toList();
  }

  private static Optional<String> swapped(String before) {
    return SWAPS.stream().filter(swap -> before.startsWith(swap.getKey()))
        .map(swap -> swap.getValue() + before.substring(swap.getKey().length())).findFirst();
  }

  /** Another register of its kind for one that is read. */
  private static Optional<String> register(String before, Kernel kernel, SplittableRandom random) {
    List<MatchResult> found = REGISTER.matcher(before).results().toList();
    if (found.size() < 2) {
      return Optional.empty();
    }
    MatchResult old = found.get(random.nextInt(1, found.size()));
    String other = pick(kernel, old.group(1), random);
    return Optional.of(before.substring(0, old.start()) + other + before.substring(old.end()));
  }

  private static String pick(Kernel kernel, String kind, SplittableRandom random) {
    List<String> all = new ArrayList<>();
    kernel.instructions().forEach(text -> REGISTER.matcher(text).results()
        .filter(match -> match.group(1).equals(kind)).forEach(match -> all.add(match.group())));
    return all.get(random.nextInt(all.size()));
  }

  private static Optional<String> number(String before, SplittableRandom random) {
    if (before.matches("setp\\.eq\\.f.*")) {
      return Optional.empty(); // an update by 0 may be left out or not
    }
    List<MatchResult> found = NUMBER.matcher(before).results().toList();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    MatchResult old = found.get(random.nextInt(found.size()));
    String number = old.group();
    String other = number.startsWith("0f") ? (number.equals("0f3F800000") ? "0f3F000000" : "0f3F800000")
        : number.startsWith("0d") ? (number.equals("0d3FF0000000000000") ? "0d3FE0000000000000" : "0d3FF0000000000000")
        : before.startsWith("mov.pred") ? (number.equals("0") ? "1" : "0")
        : Long.toString(Long.parseLong(number) + (before.contains("[") ? 4 : 1));
    return Optional.of(before.substring(0, old.start()) + other + before.substring(old.end()));
  }
}
