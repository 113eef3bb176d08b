package dev.dormouse.storage.journal;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Records on their way to the journal's thread, numbered in the order in which they came. Bounded:
 * a record first gets room, in the queue and in the journal, and waits a while where there is none.
 */
final class CommitQueue {
  private final JournalOptions options;
  private final LongSupplier journalBytes;
  private final Runnable wantsCheckpoint;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final ArrayDeque<PendingRecord> records = new ArrayDeque<>();
  private final Gathering gathering = new Gathering();

  /** With so many records the journal's thread is woken, if it waits. */
  private int enough = 1;

  private long queuedBytes;
  private long reservedBytes;
  private long nextLsn;
  private boolean closing;
  private final AtomicLong refused = new AtomicLong();

  /**
   * @param journalBytes what the journal holds on disk
   * @param wantsCheckpoint called when somebody waits for room
   */
  CommitQueue(
      JournalOptions options, long firstLsn, LongSupplier journalBytes, Runnable wantsCheckpoint) {
    this.options = options;
    this.nextLsn = firstLsn;
    this.journalBytes = journalBytes;
    this.wantsCheckpoint = wantsCheckpoint;
  }

  /** See {@link Journal#reserve}. */
  void reserve(long bytes) {
    lock.lock();
    try {
      long nanos = options.maxDelay().toNanos();
      while (!hasRoom(bytes) && !closing) {
        wantsCheckpoint.run();
        if (nanos <= 0) {
          refused.incrementAndGet();
          throw new InternalFault(
              Code.STORAGE_FAILED,
              "the disk is behind: %d bytes wait in the journal, of at most %d; try again later"
                  .formatted(journalBytes.getAsLong() + queuedBytes, options.maxBytes()),
              null);
        }
        nanos = room.awaitNanos(nanos);
      }
      if (closing) {
        throw closed();
      }
      reservedBytes += bytes;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InternalFault(Code.STORAGE_FAILED, "a thread in storage was interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom(long bytes) {
    long waiting = queuedBytes + reservedBytes;
    return (waiting == 0 || waiting + bytes <= options.queueBytes())
        && journalBytes.getAsLong() + waiting <= options.maxBytes();
  }

  /** See {@link Journal#release}. */
  void release(long bytes) {
    lock.lock();
    try {
      reservedBytes -= bytes;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** See {@link Journal#append}. */
  void append(PendingRecord record, long reserved) {
    lock.lock();
    try {
      reservedBytes -= reserved;
      if (closing) {
        throw closed();
      }
      record.assign(nextLsn++);
      records.add(record);
      queuedBytes += record.bytes();
      if (records.size() == enough) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private static Fault closed() {
    return new ResourceFault(Code.SHUTTING_DOWN, "the server is shutting down");
  }

  /** The journal holds less than before. */
  void roomWasMade() {
    lock.lock();
    try {
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for records, for a moment longer if more of them are to be expected, and takes all that
   * wait, as far as they fit into one batch. For the journal's thread.
   *
   * @param maxBytes of the batch; a record that is larger alone is taken alone
   * @param idle run before it waits
   * @return false when the queue is closed and empty
   */
  boolean take(List<PendingRecord> batch, long maxBytes, Runnable idle) {
    lock.lock();
    try {
      gather();
      while (records.isEmpty()) {
        if (closing) {
          return false;
        }
        lock.unlock();
        try {
          idle.run();
        } finally {
          lock.lock();
        }
        if (records.isEmpty() && !closing) {
          work.awaitUninterruptibly();
        }
      }
      long bytes = 0;
      while (!records.isEmpty() && (bytes == 0 || bytes + records.element().bytes() <= maxBytes)) {
        bytes += records.element().bytes();
        batch.add(records.remove());
      }
      queuedBytes -= bytes;
      gathering.took(batch.size());
      room.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void gather() {
    enough = gathering.wanted();
    try {
      long nanos = Gathering.PATIENCE_NANOS;
      while (records.size() < enough && enough > 1 && nanos > 0 && !closing) {
        nanos = work.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread; if somebody did, what waits would be written at once.
    } finally {
      enough = 1;
    }
  }

  /** Bytes of the records that wait. */
  long bytes() {
    lock.lock();
    try {
      return queuedBytes;
    } finally {
      lock.unlock();
    }
  }

  /** How often room did not come in time. */
  long refused() {
    return refused.get();
  }

  /** Takes no more; what waits can still be taken. */
  void close() {
    lock.lock();
    try {
      closing = true;
      work.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
