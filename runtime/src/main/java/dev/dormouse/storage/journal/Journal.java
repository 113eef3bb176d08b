package dev.dormouse.storage.journal;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The write side of the journal: group commit for all actors of a node.
 *
 * <p>Records wait in a queue. One platform thread takes all that wait, writes them as one batch,
 * flushes once, and tells each its outcome, in order; while the disk works, the next batch gathers,
 * and where many commit it waits a moment for more, see {@link Gathering}. So the number of flushes
 * follows the disk, not the number of commits, and batch n + 1 is not written before batch n is on
 * disk for good.
 *
 * <p>When writing or flushing fails, the records of the batch fail. What the file then holds is
 * unknown, since the kernel may have dropped pages that it could not write: the segment is
 * abandoned and the next batch, with the same number, begins a new one, which is what makes readers
 * disregard the failed batch. A batch for which no segment can be made fails without a trace, and
 * the next one tries again: a full disk needs no restart.
 *
 * <p>The queue and the journal are bounded: {@link #reserve} makes a commit wait for room and
 * finally refuses it. Room comes from {@link #free}, once files of actors hold what segments do.
 */
public final class Journal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final int MAX_BATCH_BYTES = 8 << 20;

  private final JournalOptions options;
  private final TimeSource time;
  private final Runnable wantsCheckpoint;
  private final BatchWriter writer;
  private final CommitQueue queue;
  private final SpareMaker spares;
  private final Thread thread;

  /** Whether the last batch failed; the journal's thread alone uses it. */
  private boolean failing;

  private volatile long durableLsn;
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong failedBatches = new AtomicLong();
  private volatile int largestBatch;
  private final AtomicLong flushNanos = new AtomicLong();

  /**
   * @param found what reading the directory came to
   * @param firstLsn no record has had this number or a higher one
   * @param wantsCheckpoint called, from any thread and often, when segments should be freed
   */
  public Journal(
      JournalOptions options,
      JournalReader.Summary found,
      long firstLsn,
      TimeSource time,
      Runnable wantsCheckpoint)
      throws IOException {
    this(options, found, firstLsn, time, wantsCheckpoint, SegmentFile::new);
  }

  @SuppressWarnings("ThreadStart") // Nothing of a subclass can be missing: the class is final.
  Journal(
      JournalOptions options,
      JournalReader.Summary found,
      long firstLsn,
      TimeSource time,
      Runnable wantsCheckpoint,
      SegmentFile.Opener opener)
      throws IOException {
    this.options = options;
    this.time = time;
    this.wantsCheckpoint = wantsCheckpoint;
    this.durableLsn = firstLsn - 1;
    this.writer = new BatchWriter(options, opener, found, firstLsn - 1);
    this.queue = new CommitQueue(options, firstLsn, writer::bytes, wantsCheckpoint);
    this.spares = new SpareMaker(writer);
    this.thread = Thread.ofPlatform().daemon().name("dormouse-journal").unstarted(this::run);
    thread.start();
    spares.start();
  }

  /**
   * Makes sure that there is room for a record, which must be appended next, or released.
   *
   * @throws Fault {@code storage_failed} where room does not come in time
   */
  public void reserve(long bytes) {
    queue.reserve(bytes);
  }

  /** Gives back what {@link #reserve} took, where nothing is appended. */
  public void release(long bytes) {
    queue.release(bytes);
  }

  /** Queues a record for which room was reserved, and numbers it. Never waits for the disk. */
  public void append(PendingRecord record, long reserved) {
    queue.append(record, reserved);
  }

  /** All records up to this number are durable, or failed, and their owners know the outcome. */
  public long durableLsn() {
    return durableLsn;
  }

  /**
   * Frees the segments in which every record has a number below this one.
   *
   * @param keepUpTo segments with records up to this number are not freed but moved aside, because
   *     they hold what a damaged actor may be mended with
   * @param aside where to
   */
  public void free(long belowLsn, long keepUpTo, Path aside) {
    writer.free(belowLsn, keepUpTo, aside);
    queue.roomWasMade();
  }

  public JournalStats stats() {
    return new JournalStats(
        records.get(),
        writer.batches(),
        failedBatches.get(),
        largestBatch,
        flushNanos.get(),
        writer.bytesWritten(),
        writer.bytes(),
        queue.bytes(),
        queue.refused());
  }

  private void run() {
    var batch = new ArrayList<PendingRecord>();
    while (queue.take(batch, MAX_BATCH_BYTES, writer::markEnd)) {
      try {
        write(batch);
      } catch (RuntimeException | Error e) {
        // This thread must go on: without it every commit of the node would wait for ever.
        LOG.error("the outcome of a batch could not be told to all", e);
      }
      batch.clear();
    }
  }

  private void write(List<PendingRecord> batch) {
    long lastLsn = batch.getLast().lsn();
    var abandoned = batch.stream().filter(PendingRecord::abandoned).toList();
    if (!abandoned.isEmpty()) {
      batch.removeAll(abandoned);
      var fault = new InternalFault(Code.STORAGE_FAILED, "an earlier commit failed", null);
      abandoned.forEach(r -> r.failed(fault));
    }
    if (!batch.isEmpty()) {
      long start = time.nanos();
      try {
        writer.write(batch);
        if (failing) {
          failing = false;
          LOG.warn("commits come through again");
        }
      } catch (IOException | RuntimeException | Error e) {
        failedBatches.incrementAndGet();
        var fault = fault(e);
        if (failing) {
          LOG.debug("{} commits failed: {}", batch.size(), fault.getMessage());
        } else {
          failing = true;
          LOG.warn("commits fail from now on: {}", fault.getMessage());
        }
        batch.forEach(r -> r.failed(fault));
        batch.clear();
        wantsCheckpoint.run();
      }
      flushNanos.addAndGet(time.nanos() - start);
    }
    batch.forEach(PendingRecord::becameDurable);
    durableLsn = lastLsn;
    records.addAndGet(batch.size());
    largestBatch = Math.max(largestBatch, batch.size());
    batch.forEach(PendingRecord::finished);
    if (writer.bytesSinceFree() > options.checkpointBytes()) {
      wantsCheckpoint.run();
    }
    if (writer.needsSpare()) {
      spares.request();
    }
  }

  private static Fault fault(Throwable cause) {
    if (isFull(cause)) {
      return new ResourceFault(
          Code.STORAGE_FULL, "the disk of the server is full; nothing of this turn was stored");
    }
    return new InternalFault(
        Code.STORAGE_FAILED,
        "the journal could not be written (" + cause.getMessage() + "); the commit is uncertain",
        cause);
  }

  /** Whether an error says that the disk, or the share of it that is ours, is full. */
  public static boolean isFull(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      var message = String.valueOf(e.getMessage());
      if (message.contains(SegmentPool.NO_SPACE) || message.contains("quota exceeded")) {
        return true;
      }
    }
    return false;
  }

  /** Writes what is queued and stops. Nothing can be appended from now on. */
  @Override
  public void close() {
    queue.close();
    Ending.await(thread);
    spares.close();
    writer.close();
  }
}
