package dev.dormouse.storage.journal;

import dev.dormouse.identity.ActorId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the segments of a journal in order, as recovery does. Writes nothing.
 *
 * <p>A batch is written only after the one before it is on disk for good, so a crash can tear the
 * last batch of the newest segment and nothing else. A last batch that is not whole was therefore
 * never acknowledged and is left out. What is not whole before that is damage and is reported as
 * such: by actor where a tag of the record can be read, by position where not.
 *
 * <p>When the journal falls idle it writes the header of an empty batch behind the last one (it
 * need not reach the disk). Where that header is found, the batch before it was acknowledged, and
 * is not taken for torn if it is hit later.
 */
public final class JournalReader {
  private static final Pattern SEGMENT_NAME = Pattern.compile("([0-9]{19})\\.seg");

  private JournalReader() {}

  /** Where a record is, and whose it is. */
  public record Position(
      Path file, long offset, int bytes, ActorId id, long lsn, long prev, Kind kind) {}

  /** What reading finds, in order. */
  public sealed interface Found {}

  /** A record that is whole. */
  public record Whole(Position at, byte[] payload) implements Found {}

  /** A record whose payload is damaged. */
  public record Damaged(Position at) implements Found {}

  /** Bytes before the end of the journal that cannot be read, and do not say whose they are. */
  public record Unreadable(Path file, long offset, long bytes) implements Found {}

  /** A batch of records, all of them whole. */
  public record Batch(long number, long offset, long bytes, List<Position> records) {}

  /**
   * A segment file.
   *
   * @param end where the last whole batch ends; what follows was never acknowledged if the segment
   *     is the newest
   */
  public record Segment(Path file, long number, long end, List<Batch> batches) {}

  /** What reading came to. */
  public record Summary(long lastSegment, long lastBatch, long lastLsn) {}

  /** The name of a segment's file. */
  static String fileName(long segment) {
    return "%019d.seg".formatted(segment);
  }

  /** The number of a segment from the name of its file; -1 where it is not one. */
  static long numberOf(Path file) {
    var name = SEGMENT_NAME.matcher(file.getFileName().toString());
    return name.matches() ? Long.parseLong(name.group(1)) : -1;
  }

  /** The segment files of a directory, oldest first. */
  public static List<Path> segments(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.filter(f -> numberOf(f) >= 0).sorted().toList();
    }
  }

  /** Lists what whole batches there are, for tools and tests that need to know where they lie. */
  public static List<Segment> list(Path directory) throws IOException {
    var listed = new ArrayList<Segment>();
    for (var file : segments(directory)) {
      var scan = new SegmentScan(file, numberOf(file), map(file));
      var batches = new ArrayList<Batch>();
      scan.read(Long.MAX_VALUE, found -> {}, batches::add);
      listed.add(new Segment(file, numberOf(file), scan.end(), batches));
    }
    return listed;
  }

  /** Reads all segments, oldest first. */
  public static Summary read(Path directory, Consumer<Found> sink) throws IOException {
    var files = segments(directory);
    long lastSegment = 0;
    long lastBatch = 0;
    long[] lastLsn = {0};
    @Nullable SegmentScan scan = null;
    for (int i = 0; i < files.size(); i++) {
      var file = files.get(i);
      lastSegment = numberOf(file);
      if (scan == null || !scan.file().equals(file)) {
        scan = new SegmentScan(file, lastSegment, map(file));
      }
      var next =
          i + 1 < files.size()
              ? new SegmentScan(files.get(i + 1), numberOf(files.get(i + 1)), map(files.get(i + 1)))
              : null;
      // Where the next segment says with which batch it begins, this one ends before it: what is
      // here beyond it failed, was answered so, and does not count.
      long before = next == null ? Long.MAX_VALUE : next.firstBatch();
      lastLsn[0] = Math.max(lastLsn[0], scan.firstLsn() - 1);
      long last =
          scan.read(
              before,
              found -> {
                lastLsn[0] = Math.max(lastLsn[0], lsnOf(found));
                sink.accept(found);
              },
              batch -> {});
      lastBatch = Math.max(lastBatch, last);
      scan = next;
    }
    return new Summary(lastSegment, lastBatch, lastLsn[0]);
  }

  private static long lsnOf(Found found) {
    return switch (found) {
      case Whole whole -> whole.at.lsn;
      case Damaged damaged -> damaged.at.lsn;
      case Unreadable unreadable -> 0;
    };
  }

  private static ByteBuffer map(Path file) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = Math.min(channel.size(), Integer.MAX_VALUE);
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
    }
  }
}
