package io.nlar.opencl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Compiled programs on disk. An entry is the SHA-256 of the program and the program; one whose sum is wrong counts as
 * absent. The cache only saves time: whatever goes wrong with it, programs are built from source.
 */
final class BinaryCache {
  /** System property with the directory of the cache, or {@value #OFF}. */
  static final String PROPERTY = "nlar.opencl.cache";
  static final String OFF = "off";

  private final Path directory;

  /** A cache in a directory, which need not exist yet; null: no cache. */
  BinaryCache(Path directory) {
    this.directory = directory;
  }

  /** The cache that the property names, or the one in the user's cache directory. */
  static BinaryCache ofUser() {
    String property = System.getProperty(PROPERTY, "").strip();
    try {
      if (!property.isEmpty()) {
        return new BinaryCache(property.equals(OFF) ? null : Path.of(property));
      }
      String caches = System.getenv("XDG_CACHE_HOME");
      Path base = caches != null && Path.of(caches).isAbsolute()
          ? Path.of(caches)
          : Path.of(System.getProperty("user.home", ""), ".cache");
      // Where the user has no home, a relative path would lead to whatever directory the process happens to be in.
      return new BinaryCache(base.isAbsolute() ? base.resolve("nlar").resolve("opencl") : null);
    } catch (InvalidPathException e) {
      return new BinaryCache(null);
    }
  }

  /** Whether programs are kept at all. */
  boolean enabled() {
    return directory != null;
  }

  /** The key of a program: everything that its compiled form depends on. */
  static String key(String... parts) {
    MessageDigest digest = sha256();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The program under a key, if it is there and whole. */
  Optional<byte[]> load(String key) {
    if (!enabled()) {
      return Optional.empty();
    }
    try {
      byte[] entry = Files.readAllBytes(file(key));
      int sum = sha256().getDigestLength();
      if (entry.length <= sum) {
        return Optional.empty();
      }
      byte[] program = Arrays.copyOfRange(entry, sum, entry.length);
      return Arrays.equals(sha256().digest(program), 0, sum, entry, 0, sum) ? Optional.of(program) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Keeps a program; readers see the old entry or the new one, never a part. An empty one is not worth keeping. */
  void store(String key, byte[] program) {
    if (!enabled() || program.length == 0) {
      return;
    }
    try {
      createDirectory();
      Path part = Files.createTempFile(directory, key, ".part");
      try {
        Files.write(part, sha256().digest(program));
        Files.write(part, program, StandardOpenOption.APPEND);
        Files.move(part, file(key), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      System.getLogger(BinaryCache.class.getName()).log(System.Logger.Level.DEBUG,
          "a compiled program was not cached in " + directory, e);
    }
  }

  /** Programs are run as they lie there, so nobody else may write into a new directory. */
  private void createDirectory() throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(directory);
    }
  }

  /** Where the program of a key lies. */
  Path file(String key) {
    return directory.resolve(key + ".bin");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
