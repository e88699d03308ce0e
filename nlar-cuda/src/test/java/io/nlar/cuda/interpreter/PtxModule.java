package io.nlar.cuda.interpreter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A module: the text of kernels, each of which is read when it is wanted. */
public final class PtxModule {
  private static final Pattern ENTRY =
      Pattern.compile("(?:\\.(?:visible|weak)\\s+)?\\.entry\\s+([\\w$]+)\\s*\\(([^)]*)\\)([^{]*)\\{");
  private static final Pattern HEADER =
      Pattern.compile("(?:\\.version\\s+\\d+\\.\\d+|\\.target\\s+sm_\\w+|\\.address_size\\s+64)");

  private record Entry(String parameters, String directives, String body, int line) {}

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Kernel> kernels = new ConcurrentHashMap<>();

  /** A module of PTX text; what stands outside its kernels must be known. */
  public PtxModule(String text) {
    String source = withoutComments(text);
    StringBuilder outside = new StringBuilder();
    Matcher matcher = ENTRY.matcher(source);
    int end = 0;
    while (matcher.find(end)) {
      outside.append(source, end, matcher.start());
      int begin = matcher.end();
      end = closing(source, begin);
      entries.put(matcher.group(1), new Entry(matcher.group(2), matcher.group(3), source.substring(begin, end - 1),
          1 + (int) source.substring(0, begin).chars().filter(c -> c == '\n').count()));
    }
    // One blank for many first: comments leave tens of thousands.
    String words = outside.append(source, end, source.length()).toString().replaceAll("\\s+", " ");
    String rest = HEADER.matcher(words).replaceAll("").strip();
    if (!rest.isEmpty()) {
      throw new PtxException("not known outside of kernels: " + rest);
    }
  }

  /** Comments become blanks, so that lines stay where they are. */
  private static String withoutComments(String text) {
    char[] source = text.toCharArray();
    for (int i = text.indexOf('/'); i >= 0; i = text.indexOf('/', i + 1)) {
      boolean line = text.startsWith("//", i);
      if (line || text.startsWith("/*", i)) {
        int end = line ? text.indexOf('\n', i) : text.indexOf("*/", i + 2) + 2;
        end = end < (line ? 0 : 2) ? text.length() : end;
        for (; i < end; i++) {
          source[i] = source[i] == '\n' ? '\n' : ' ';
        }
        i--;
      }
    }
    return new String(source);
  }

  /** Behind the brace that closes what was opened before {@code begin}. */
  private static int closing(String source, int begin) {
    int open = 1;
    for (int i = begin; i < source.length(); i++) {
      open += source.charAt(i) == '{' ? 1 : source.charAt(i) == '}' ? -1 : 0;
      if (open == 0) {
        return i + 1;
      }
    }
    throw new PtxException("a brace is not closed");
  }

  /** The names of all kernels. */
  public List<String> names() {
    return new ArrayList<>(entries.keySet());
  }

  /** A kernel by its name. */
  public Kernel kernel(String name) {
    return kernels.computeIfAbsent(name, n -> {
      Entry entry = entries.get(n);
      if (entry == null) {
        throw new PtxException("there is no kernel " + n + "; there are " + names());
      }
      return new KernelParser(n, entry.parameters, entry.directives).parse(entry.body, entry.line);
    });
  }
}
