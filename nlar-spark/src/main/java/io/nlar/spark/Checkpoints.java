package io.nlar.spark;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nlar.NlarException;
import io.nlar.Restore;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints in a folder of a Hadoop file system, one folder each: of every worker a file with its share of the values and one
 * with its share of the state, the losses so far, and a manifest. The manifest comes last, is written under another name and then
 * renamed: without it, or without a file that it lists, in the length that it states, a folder is no checkpoint.
 */
final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
  private static final String PREFIX = "step-";
  private static final String MANIFEST = "manifest.json";
  private static final String LOSSES = "losses";
  private static final int BLOCK = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A file of a checkpoint: its length, and the checksum (CRC-32C) of its bytes; 0 for a state file, which has its own. */
  record Entry(String name, long bytes, long checksum) {}

  /**
   * What a checkpoint consists of.
   *
   * @param step how many steps were made
   * @param shares elements of all parameters at which the workers' shares begin, and where the last one ends
   * @param names the parameters
   * @param lengths their lengths
   */
  record Manifest(int version, long step, List<Long> shares, List<String> names, List<Integer> lengths, List<Entry> files) {}

  private final Plan plan;
  private final int self;
  private final Rendezvous rendezvous;
  private final Path folder;
  private final FileSystem files;

  Checkpoints(Plan plan, int self, Rendezvous rendezvous) throws IOException {
    this.plan = plan;
    this.self = self;
    this.rendezvous = rendezvous;
    folder = new Path(plan.folder());
    files = folder.getFileSystem(plan.hadoop().value());
  }

  /** Writes a checkpoint together with the other workers; it is one when the first worker returns. */
  void save(long step, Shard shard, float[][] values, double[] losses) throws IOException, InterruptedException {
    Layout layout = plan.layout();
    Path target = new Path(folder, String.format(Locale.ROOT, "%s%012d-%s-%d", PREFIX, step, plan.run(),
        BarrierTaskContext.get().stageAttemptNumber()));
    Entry ownValues = write(target, name(self, "values"), out -> {
      byte[] block = new byte[BLOCK];
      for (long at = layout.shareByte(self); at < layout.shareByte(self + 1); at += BLOCK) {
        int bytes = (int) Math.min(BLOCK, layout.shareByte(self + 1) - at);
        layout.gather(values, at, MemorySegment.ofArray(block).asSlice(0, bytes));
        out.write(block, 0, bytes);
      }
    });
    Entry ownState = write(target, name(self, "state"), out -> shard.step().save(Channels.newChannel(out)));
    String[] written = rendezvous.gather(JSON.writeValueAsString(List.of(ownValues, new Entry(ownState.name, ownState.bytes, 0))));
    if (self == 0) {
      List<Entry> entries = new ArrayList<>();
      for (String entry : written) {
        entries.addAll(Arrays.asList(JSON.readValue(entry, Entry[].class)));
      }
      entries.add(write(target, LOSSES, out -> {
        DataOutputStream data = new DataOutputStream(out);
        for (int i = 0; i < step; i++) {
          data.writeDouble(losses[i]);
        }
        data.flush();
      }));
      commit(target, new Manifest(1, step, shares(layout), layout.names(), lengths(layout), entries));
      prune(step);
    }
  }

  private static String name(int worker, String kind) {
    return String.format(Locale.ROOT, "%05d.%s", worker, kind);
  }

  private static List<Long> shares(Layout layout) {
    List<Long> shares = new ArrayList<>();
    for (int worker = 0; worker <= layout.workers(); worker++) {
      shares.add(layout.share(worker));
    }
    return shares;
  }

  private static List<Integer> lengths(Layout layout) {
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < layout.names().size(); i++) {
      lengths.add(layout.length(i));
    }
    return lengths;
  }

  @FunctionalInterface
  private interface Content {
    void write(OutputStream out) throws IOException;
  }

  private Entry write(Path target, String name, Content content) throws IOException {
    CRC32C checksum = new CRC32C();
    long bytes;
    try (var out = files.create(new Path(target, name), true)) {
      content.write(new CheckedOutputStream(out, checksum));
      bytes = out.getPos();
    }
    return new Entry(name, bytes, checksum.getValue());
  }

  private void commit(Path target, Manifest manifest) throws IOException {
    Path temporary = new Path(target, "_" + MANIFEST);
    try (OutputStream out = files.create(temporary, true)) {
      out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
    }
    if (!files.rename(temporary, new Path(target, MANIFEST))) {
      throw new TrainingException("the checkpoint " + target + " is written but could not be committed: " + temporary
          + " was not renamed to " + MANIFEST);
    }
  }

  /** Deletes all but the latest checkpoints, and what is none and can become none: folders of steps that have passed. */
  private void prune(long step) throws IOException {
    int kept = 0;
    for (Path candidate : folders()) {
      boolean complete = manifest(candidate) != null;
      if (complete && kept < plan.keep()) {
        kept++;
      } else if (complete || step(candidate) <= step) {
        files.delete(candidate, true);
      }
    }
  }

  /** Folders that may be checkpoints, the latest step first. */
  private List<Path> folders() throws IOException {
    List<Path> folders = new ArrayList<>();
    try {
      for (FileStatus status : files.listStatus(folder)) {
        if (status.isDirectory() && status.getPath().getName().matches(PREFIX + "\\d{12}-.*")) {
          folders.add(status.getPath());
        }
      }
    } catch (FileNotFoundException none) {
      return folders;
    }
    folders.sort(Comparator.comparing(Checkpoints::step).thenComparing(Path::getName).reversed());
    return folders;
  }

  private static long step(Path candidate) {
    return Long.parseLong(candidate.getName().substring(PREFIX.length(), PREFIX.length() + 12));
  }

  /** The manifest of a complete checkpoint; null where it is none. */
  private Manifest manifest(Path candidate) throws IOException {
    Manifest manifest;
    try (InputStream in = files.open(new Path(candidate, MANIFEST))) {
      manifest = JSON.readValue(in, Manifest.class);
      for (Entry entry : manifest.files) {
        if (files.getFileStatus(new Path(candidate, entry.name)).getLen() != entry.bytes) {
          throw new FileNotFoundException(entry.name + " has not " + entry.bytes + " bytes");
        }
      }
    } catch (FileNotFoundException | com.fasterxml.jackson.core.JacksonException incomplete) {
      LOG.info("{} is no complete checkpoint: {}", candidate, incomplete.getMessage());
      return null;
    }
    return manifest;
  }

  /**
   * Restores the latest checkpoint that all workers can read.
   *
   * @return how many steps were made before it; 0: there is none
   * @throws TrainingException if there are checkpoints, and none that all can read; or if the latest is of another model, or was made
   *     after more steps than there are to be
   */
  long restore(Shard shard, float[][] values, double[] losses) throws IOException, InterruptedException {
    List<String> candidates = new ArrayList<>();
    if (self == 0) {
      for (Path candidate : folders()) {
        if (manifest(candidate) != null) {
          candidates.add(candidate.getName());
        }
      }
    }
    String[] told = JSON.readValue(rendezvous.gather(JSON.writeValueAsString(candidates))[0], String[].class);
    List<String> all = new ArrayList<>();
    for (String name : told) {
      Path candidate = new Path(folder, name);
      Manifest manifest = manifest(candidate);
      String refusal = "it is gone";
      if (manifest != null) {
        check(manifest, candidate);
        refusal = read(candidate, manifest, shard, values, losses);
      }
      List<String> refusals = Arrays.stream(rendezvous.gather(refusal)).filter(text -> !text.isEmpty()).toList();
      if (refusals.isEmpty()) {
        LOG.info("training goes on from {}", candidate);
        return manifest.step;
      }
      LOG.warn("{} is not taken: {}", candidate, refusals);
      all.add(candidate + ": " + refusals);
    }
    if (!all.isEmpty()) {
      throw new TrainingException("no checkpoint can be read by all workers; mend or delete them, and training begins anew: " + all);
    }
    return 0;
  }

  private void check(Manifest manifest, Path candidate) {
    Layout layout = plan.layout();
    if (!manifest.names.equals(layout.names()) || !manifest.lengths.equals(lengths(layout))) {
      throw new TrainingException(candidate + " is a checkpoint of other parameters, " + manifest.names + " of " + manifest.lengths
          + " elements, than these, " + layout.names() + " of " + lengths(layout) + "; name another folder");
    }
    if (manifest.step > plan.steps()) {
      throw new TrainingException(candidate + " was written after " + manifest.step + " steps, and training is to end after "
          + plan.steps() + "; name another folder");
    }
  }

  /** Reads a checkpoint; why it could not be read, or nothing. */
  private String read(Path candidate, Manifest manifest, Shard shard, float[][] values, double[] losses) throws IOException {
    List<ReadableByteChannel> states = new ArrayList<>();
    try {
      for (int worker = 0; worker + 1 < manifest.shares.size(); worker++) {
        long begin = manifest.shares.get(worker);
        read(candidate, entry(manifest, name(worker, "values")), in -> values(in, begin, values));
      }
      read(candidate, entry(manifest, LOSSES), in -> {
        DataInputStream data = new DataInputStream(in);
        for (int i = 0; i < manifest.step; i++) {
          losses[i] = data.readDouble();
        }
      });
      for (int worker = 0; worker + 1 < manifest.shares.size(); worker++) {
        states.add(new HadoopChannel(files, new Path(candidate, name(worker, "state"))));
      }
      shard.step().restoreAll(states, Restore.STRICT);
      return "";
    } catch (IOException | NlarException failure) {
      return failure.getMessage();
    } finally {
      for (ReadableByteChannel state : states) {
        state.close();
      }
    }
  }

  private static Entry entry(Manifest manifest, String name) throws FileNotFoundException {
    return manifest.files.stream().filter(entry -> entry.name.equals(name)).findFirst()
        .orElseThrow(() -> new FileNotFoundException("the manifest lists no " + name));
  }

  @FunctionalInterface
  private interface Source {
    void read(InputStream in) throws IOException;
  }

  private void read(Path candidate, Entry entry, Source content) throws IOException {
    CheckedInputStream in = new CheckedInputStream(files.open(new Path(candidate, entry.name), BLOCK), new CRC32C());
    try (in) {
      content.read(in);
      if (in.getChecksum().getValue() != entry.checksum) {
        throw new IOException(entry.name + " is damaged: its checksum is another than the manifest states");
      }
    }
  }

  private void values(InputStream in, long begin, float[][] values) throws IOException {
    byte[] block = new byte[BLOCK];
    long at = begin * Float.BYTES;
    int bytes;
    while ((bytes = in.readNBytes(block, 0, BLOCK)) > 0) {
      plan.layout().scatter(MemorySegment.ofArray(block).asSlice(0, bytes), at, values);
      at += bytes;
    }
  }
}
