package dev.dormouse.storage.journal;

import dev.dormouse.storage.journal.JournalReader.Batch;
import dev.dormouse.storage.journal.JournalReader.Damaged;
import dev.dormouse.storage.journal.JournalReader.Found;
import dev.dormouse.storage.journal.JournalReader.Position;
import dev.dormouse.storage.journal.JournalReader.Unreadable;
import dev.dormouse.storage.journal.JournalReader.Whole;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Finds the records in the bytes of one segment, whole or damaged. */
final class SegmentScan {
  private final Path file;
  private final long segment;
  private final ByteBuffer bytes;
  private final Layout.@Nullable SegmentHeader header;
  private long end = Layout.BLOCK;

  SegmentScan(Path file, long segment, ByteBuffer bytes) {
    this.file = file;
    this.segment = segment;
    this.bytes = bytes;
    var read = Layout.readSegmentHeader(bytes);
    this.header = read != null && read.segment() == segment ? read : null;
  }

  Path file() {
    return file;
  }

  /** Where the last whole batch that was read ends. */
  long end() {
    return end;
  }

  long firstLsn() {
    return header == null ? 1 : header.firstLsn();
  }

  /** The number of the first batch; {@code Long.MAX_VALUE} where the segment does not say. */
  long firstBatch() {
    if (header != null) {
      return header.firstBatch();
    }
    var first = nextBatch(Layout.BLOCK);
    return first < 0 ? Long.MAX_VALUE : headerAt(first).number();
  }

  private Layout.BatchHeader headerAt(int at) {
    var found = Layout.readBatchHeader(bytes, at, segment);
    if (found == null) {
      throw new IllegalStateException("no batch at " + at);
    }
    return found;
  }

  /** The position of the next batch header at or after a block; -1 where there is none. */
  private int nextBatch(int from) {
    for (long at = from; at < bytes.limit(); at += Layout.BLOCK) {
      if (Layout.readBatchHeader(bytes, (int) at, segment) != null) {
        return (int) at;
      }
    }
    return -1;
  }

  /**
   * Reads batches with numbers below a bound; where there is a bound, all of them were
   * acknowledged. Answers the number of the last batch.
   */
  long read(long beforeBatch, Consumer<Found> sink, Consumer<Batch> batches) {
    boolean newest = beforeBatch == Long.MAX_VALUE;
    long last = header == null ? 0 : header.firstBatch() - 1;
    int at = Layout.BLOCK;
    while (at < bytes.limit()) {
      var batch = Layout.readBatchHeader(bytes, at, segment);
      if (batch != null && (batch.number() >= beforeBatch || batch.records() == 0)) {
        return last;
      }
      int next;
      if (batch == null) {
        next = nextBatch(at);
        if (next < 0 && (newest || last + 1 >= beforeBatch)) {
          return last;
        }
        next = next < 0 ? bytes.limit() : next;
      } else {
        next =
            (int)
                Math.min(
                    bytes.limit(),
                    Layout.toBlock((long) at + Layout.BATCH_HEADER_BYTES + batch.bytes()));
      }
      var found = new ArrayList<Found>();
      int limit =
          batch == null
              ? next
              : (int)
                  Math.min(bytes.limit(), (long) at + Layout.BATCH_HEADER_BYTES + batch.bytes());
      int records = records(at + Layout.BATCH_HEADER_BYTES, limit, batch == null, found);
      boolean whole =
          batch != null
              && records == batch.records()
              && found.stream().allMatch(f -> f instanceof Whole);
      if (!whole && newest && nextBatch(next) < 0) {
        return last;
      }
      if (!whole && batch != null && records < batch.records() && allNamed(found)) {
        found.add(new Unreadable(file, at, (long) next - at));
      }
      found.forEach(sink);
      if (whole && batch != null) {
        var positions = found.stream().map(f -> ((Whole) f).at()).toList();
        batches.accept(new Batch(batch.number(), at, (long) next - at, positions));
        end = next;
      }
      last = batch == null ? last + 1 : batch.number();
      at = next;
    }
    return last;
  }

  private static boolean allNamed(List<Found> found) {
    return found.stream().noneMatch(f -> f instanceof Unreadable);
  }

  /** Finds the records between two positions. Answers how many of them could be told apart. */
  private int records(int from, int limit, boolean padded, List<Found> found) {
    int count = 0;
    int at = from;
    while (at < limit) {
      var tag = tagAt(at, limit, Layout.OPENING);
      if (tag != null && tag.recordBytes() <= limit - at) {
        found.add(record(tag, at));
        at += tag.recordBytes();
        count++;
        continue;
      }
      // The opening was hit: the next tag, of either kind, says where to go on.
      int next = at + 8;
      Layout.@Nullable Tag closing = null;
      while (next < limit) {
        closing = tagAt(next, limit, Layout.CLOSING);
        if (closing != null || tagAt(next, limit, Layout.OPENING) != null) {
          break;
        }
        next += 8;
      }
      if (closing != null) {
        int start = next - Layout.padded(closing.payloadBytes()) - closing.tagBytes();
        found.add(start >= at ? record(closing, start) : new Damaged(position(closing, at)));
        at = next + closing.tagBytes();
        count++;
      } else {
        if (!(padded && zeros(at, Math.min(next, limit)))) {
          found.add(new Unreadable(file, at, Math.min(next, limit) - (long) at));
        }
        at = next;
      }
    }
    return count;
  }

  private Layout.@Nullable Tag tagAt(int at, int limit, int magic) {
    return limit - at < 8 ? null : Layout.readTag(bytes, at, magic, segment);
  }

  private boolean zeros(int from, int to) {
    for (int i = from; i < to; i++) {
      if (bytes.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  private Found record(Layout.Tag tag, int start) {
    int at = start + tag.tagBytes();
    var where = position(tag, start);
    if (tag.payloadBytes() > bytes.limit() - at
        || Layout.crc(bytes, at, tag.payloadBytes(), 0) != tag.payloadCrc()) {
      return new Damaged(where);
    }
    var payload = new byte[tag.payloadBytes()];
    bytes.get(at, payload);
    return new Whole(where, payload);
  }

  private Position position(Layout.Tag tag, int at) {
    return new Position(file, at, tag.recordBytes(), tag.id(), tag.lsn(), tag.prev(), tag.kind());
  }
}
