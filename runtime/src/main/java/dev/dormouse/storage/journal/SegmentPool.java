package dev.dormouse.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes segment files, and keeps one spare so that the writer need not wait for one. A freed
 * segment becomes the spare. Safe for use by many threads; uses the disk, so platform threads only.
 */
final class SegmentPool {
  private static final Pattern SPARE_NAME = Pattern.compile("spare-([0-9]{1,19})");
  static final String NO_SPACE = "No space left on device";

  private final Path directory;
  private final long segmentBytes;
  private final long reserveBytes;
  private final SegmentFile.Opener opener;
  private @Nullable Path spare;
  private long highest;

  SegmentPool(JournalOptions options, SegmentFile.Opener opener, long lastSegment)
      throws IOException {
    this.directory = options.directory();
    this.segmentBytes = options.segmentBytes();
    this.reserveBytes = options.reserveBytes();
    this.opener = opener;
    this.highest = lastSegment;
    try (var files = Files.list(directory)) {
      for (var file : files.toList()) {
        var name = SPARE_NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          highest = Math.max(highest, Long.parseLong(name.group(1)));
          if (spare == null && Files.size(file) == segmentBytes) {
            spare = file;
          } else {
            Files.delete(file);
          }
        } else if (file.getFileName().toString().endsWith(".new")) {
          Files.delete(file);
        }
      }
    }
  }

  /** Makes the spare, if there is none and there is room. */
  synchronized void prepare() throws IOException {
    if (spare == null) {
      spare = allocate(segmentBytes);
    }
  }

  /** A new segment with its header on disk. */
  synchronized SegmentFile take(long firstBatch, long firstLsn, long minBytes) throws IOException {
    Path file;
    if (spare != null && minBytes <= segmentBytes) {
      file = spare;
    } else {
      file = allocate(Math.max(segmentBytes, Layout.toBlock(minBytes)));
    }
    long number = ++highest;
    var segment = directory.resolve(JournalReader.fileName(number));
    if (file.equals(spare)) {
      spare = null;
    }
    try (var prepared = opener.open(file)) {
      var header = ByteBuffer.allocate(Layout.BLOCK);
      Layout.writeSegmentHeader(header, new Layout.SegmentHeader(number, firstBatch, firstLsn));
      prepared.write(header.rewind(), 0);
      prepared.force();
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    Files.move(file, segment, StandardCopyOption.ATOMIC_MOVE);
    forceDirectory(directory);
    return opener.open(segment);
  }

  /** Takes back a segment that holds nothing any more. */
  synchronized void recycle(Path segment) throws IOException {
    long number = JournalReader.numberOf(segment);
    if (spare == null && Files.size(segment) == segmentBytes) {
      spare = directory.resolve("spare-" + number);
      Files.move(segment, spare, StandardCopyOption.ATOMIC_MOVE);
    } else {
      Files.delete(segment);
    }
  }

  private Path allocate(long bytes) throws IOException {
    // Looked up first: filling the disk to the brim would hurt everybody else on it. A FileStore is
    // not to be had where the mount table does not list the root folder, as in a plain chroot.
    if (directory.toFile().getUsableSpace() < bytes + reserveBytes) {
      throw new IOException(NO_SPACE);
    }
    var file = directory.resolve("spare-" + highest + ".new");
    try (var channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var zeros = ByteBuffer.allocateDirect(1 << 20);
      long at = 0;
      while (at < bytes) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
        at += channel.write(zeros, at);
      }
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
    var made = directory.resolve("spare-" + highest);
    Files.move(file, made, StandardCopyOption.ATOMIC_MOVE);
    return made;
  }

  /** Makes the names in a directory durable. */
  static void forceDirectory(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
