package dev.dormouse.storage.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts batches into segments. The journal's thread writes; segments may be freed from another
 * thread at the same time.
 */
final class BatchWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);
  private static final int BUFFER_BYTES = 1 << 20;

  private final SegmentPool pool;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  /** A segment that holds records which may still be needed. */
  private static final class Kept {
    final Path file;
    final long bytes;
    final long firstLsn;
    volatile long lastLsn;

    Kept(Path file, long bytes, long firstLsn, long lastLsn) {
      this.file = file;
      this.bytes = bytes;
      this.firstLsn = firstLsn;
      this.lastLsn = lastLsn;
    }
  }

  /** Oldest first; guarded by itself. */
  private final ArrayDeque<Kept> segments = new ArrayDeque<>();

  private @Nullable SegmentFile current;
  private volatile @Nullable Kept currentKept;
  private long position;
  private boolean marked = true;
  private long nextBatch;

  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong bytesWritten = new AtomicLong();
  private volatile long bytesAtFree;
  private final AtomicLong batches = new AtomicLong();
  private volatile boolean needsSpare;

  BatchWriter(
      JournalOptions options,
      SegmentFile.Opener opener,
      JournalReader.Summary found,
      long recoveredLsn)
      throws IOException {
    this.nextBatch = found.lastBatch() + 1;
    this.pool = new SegmentPool(options, opener, found.lastSegment());
    for (var file : JournalReader.segments(options.directory())) {
      var kept = new Kept(file, Files.size(file), 1, recoveredLsn);
      segments.add(kept);
      bytes.addAndGet(kept.bytes);
    }
  }

  /**
   * Writes and flushes one batch.
   *
   * @throws IOException where it may not be durable; it will not be found by a reader once the next
   *     batch is written
   */
  void write(List<PendingRecord> batch) throws IOException {
    int size = 0;
    for (var record : batch) {
      size = Math.addExact(size, record.bytes());
    }
    long needed = Layout.toBlock((long) Layout.BATCH_HEADER_BYTES + size);
    var segment = current;
    if (segment == null || position + needed > segment.bytes()) {
      segment = nextSegment(batch.getFirst().lsn(), needed);
    }
    long start = position;
    try {
      put(segment, batch, size);
      segment.force();
    } catch (IOException | RuntimeException | Error e) {
      abandon(segment, start);
      throw e;
    }
    position = start + needed;
    marked = false;
    nextBatch++;
    if (currentKept != null) {
      currentKept.lastLsn = batch.getLast().lsn();
    }
    batches.incrementAndGet();
    bytesWritten.addAndGet(needed);
    // Once for each segment: to ask wakes a thread.
    long half = segment.bytes() / 2;
    if (start <= half && position > half) {
      needsSpare = true;
    }
  }

  private void put(SegmentFile segment, List<PendingRecord> batch, int size) throws IOException {
    long number = JournalReader.numberOf(segment.path());
    long at = position;
    buffer.clear();
    Layout.writeBatchHeader(buffer, new Layout.BatchHeader(number, nextBatch, size, batch.size()));
    for (var record : batch) {
      if (buffer.remaining() < record.bytes()) {
        at = flush(segment, at);
      }
      if (buffer.remaining() >= record.bytes()) {
        record.writeTag(buffer, Layout.OPENING, number);
        buffer.put(record.payload());
        pad(record.payload().length);
        record.writeTag(buffer, Layout.CLOSING, number);
      } else {
        at = putLarge(segment, record, number, at);
      }
    }
    flush(segment, at);
  }

  private void pad(int payload) {
    for (int i = payload; i < Layout.padded(payload); i++) {
      buffer.put((byte) 0);
    }
  }

  private long putLarge(SegmentFile segment, PendingRecord record, long number, long from)
      throws IOException {
    record.writeTag(buffer, Layout.OPENING, number);
    long at = flush(segment, from);
    var payload = record.payload();
    for (int done = 0; done < payload.length; ) {
      int part = Math.min(buffer.remaining(), payload.length - done);
      buffer.put(payload, done, part);
      done += part;
      at = flush(segment, at);
    }
    pad(payload.length);
    record.writeTag(buffer, Layout.CLOSING, number);
    return at;
  }

  private long flush(SegmentFile segment, long at) throws IOException {
    int length = buffer.flip().limit();
    segment.write(buffer, at);
    buffer.clear();
    return at + length;
  }

  private SegmentFile nextSegment(long firstLsn, long needed) throws IOException {
    var made = pool.take(nextBatch, firstLsn, Layout.BLOCK + needed);
    closeCurrent();
    current = made;
    position = Layout.BLOCK;
    var kept = new Kept(made.path(), made.bytes(), firstLsn, Long.MAX_VALUE);
    synchronized (segments) {
      if (currentKept != null && currentKept.lastLsn == Long.MAX_VALUE) {
        currentKept.lastLsn = firstLsn - 1;
      }
      segments.add(kept);
      bytes.addAndGet(kept.bytes);
    }
    currentKept = kept;
    return made;
  }

  /** Leaves a segment whose last write failed, and takes that write's header away if it can. */
  private void abandon(SegmentFile segment, long start) {
    try {
      segment.write(ByteBuffer.allocate(Layout.BLOCK), start);
      segment.force();
    } catch (IOException e) {
      LOG.debug("a failed batch could not be taken back: {}", e.getMessage());
    }
    closeCurrent();
    current = null;
  }

  private void closeCurrent() {
    if (current != null) {
      try {
        current.close();
      } catch (IOException e) {
        LOG.debug("a segment could not be closed: {}", e.getMessage());
      }
    }
  }

  /** Says that the last batch was acknowledged, when no next one is there to say so. */
  void markEnd() {
    var segment = current;
    if (marked || segment == null || position + Layout.BATCH_HEADER_BYTES > segment.bytes()) {
      return;
    }
    marked = true;
    try {
      buffer.clear();
      long number = JournalReader.numberOf(segment.path());
      Layout.writeBatchHeader(buffer, new Layout.BatchHeader(number, nextBatch, 0, 0));
      flush(segment, position);
    } catch (IOException e) {
      LOG.debug("the end of the journal could not be marked: {}", e.getMessage());
    }
  }

  /** Frees segments whose records all have numbers below this one, oldest first. */
  void free(long belowLsn, long keepUpTo, Path aside) {
    bytesAtFree = bytesWritten.get();
    while (true) {
      Kept oldest;
      synchronized (segments) {
        oldest = segments.peek();
        if (oldest == null || oldest == currentKept || oldest.lastLsn >= belowLsn) {
          return;
        }
        segments.remove();
        bytes.addAndGet(-oldest.bytes);
      }
      try {
        if (oldest.firstLsn <= keepUpTo) {
          // Numbers begin anew in a journal that was emptied, so the name alone may be taken.
          Files.move(
              oldest.file,
              aside.resolve(oldest.file.getFileName() + "-" + oldest.lastLsn),
              StandardCopyOption.REPLACE_EXISTING);
        } else {
          pool.recycle(oldest.file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("a segment of the journal could not be freed", e);
      }
    }
  }

  void prepareSpare() throws IOException {
    needsSpare = false;
    pool.prepare();
  }

  boolean needsSpare() {
    return needsSpare;
  }

  long bytes() {
    return bytes.get();
  }

  long bytesWritten() {
    return bytesWritten.get();
  }

  long bytesSinceFree() {
    return bytesWritten.get() - bytesAtFree;
  }

  long batches() {
    return batches.get();
  }

  @Override
  public void close() {
    closeCurrent();
    current = null;
    currentKept = null;
  }
}
