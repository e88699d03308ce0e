package io.nlar.spark;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files, of which the process dies that writes a certain one, once, when half of a kilobyte is written. */
public final class DyingFileSystem extends RawLocalFileSystem {
  /** A file that is made when the process dies, so that it dies once. */
  static final String MARK = "nlar.test.mark";
  /** The end of the path of the file that is deadly. */
  static final String DEADLY = "nlar.test.deadly";

  @Override
  public URI getUri() {
    return URI.create("dying:///");
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    super.initialize(getUri(), configuration);
    setConf(configuration);
  }

  @Override
  public FSDataOutputStream create(org.apache.hadoop.fs.Path file, boolean overwrite, int bufferSize, short replication,
      long blockSize, org.apache.hadoop.util.Progressable progress) throws IOException {
    FSDataOutputStream out = super.create(file, overwrite, bufferSize, replication, blockSize, progress);
    return file.toString().matches(getConf().get(DEADLY)) ? new FSDataOutputStream(new Dying(out), null) : out;
  }

  private final class Dying extends FilterOutputStream {
    private int written;

    Dying(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      count(1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      int first = Math.min(count, 512);
      out.write(bytes, from, first);
      count(first);
      out.write(bytes, from + first, count - first);
    }

    private void count(int more) throws IOException {
      written += more;
      if (written >= 512) {
        out.flush();
        Death.once(Path.of(getConf().get(MARK)));
      }
    }
  }

  /** Ends this process at once, if it is the first to ask for it. */
  static final class Death {
    private Death() {}

    static void once(Path mark) throws IOException {
      if (first(mark)) {
        Runtime.getRuntime().halt(7);
      }
    }

    /** Whether this is the first call for this mark. */
    static boolean first(Path mark) throws IOException {
      try {
        Files.createFile(mark);
        return true;
      } catch (FileAlreadyExistsException dead) {
        return false;
      }
    }
  }
}
