package dev.dormouse.storage.h2;

import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.journal.Ending;
import dev.dormouse.storage.journal.Journal;
import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings actor files up to date behind the journal. A checkpoint applies to each actor, in one
 * flushed commit, what its commits since the last one fold to; then it brings the catalog up to
 * date; then it frees the journal that nothing needs any more. In that order: at every moment, what
 * is not in a file is in the journal.
 *
 * <p>Its threads are platform threads that nobody interrupts. What fails is tried again later, with
 * growing pauses.
 */
final class Checkpointer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LAST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final StoreOptions options;
  private final TimeSource time;
  private final Journal journal;
  private final Catalog catalog;
  private final Applier applier;
  private final DamageMarks marks;
  private final AlarmIndex alarms;
  private final ConcurrentNavigableMap<StorageKey, Slot> dirty;
  private final Consumer<Slot> settled;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  private boolean requested;
  private boolean closing;
  private long pauseNanos;
  private long begun;
  private long ended;

  private final AtomicLong done = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile long lastNanos;
  private volatile long lastCheckpoint;
  private volatile long recordsAtTick;
  private volatile TimeSource.@Nullable Timer timer;

  Checkpointer(
      StoreOptions options,
      TimeSource time,
      Journal journal,
      Catalog catalog,
      Applier applier,
      DamageMarks marks,
      AlarmIndex alarms,
      ConcurrentNavigableMap<StorageKey, Slot> dirty,
      Consumer<Slot> settled) {
    this.options = options;
    this.time = time;
    this.journal = journal;
    this.catalog = catalog;
    this.applier = applier;
    this.marks = marks;
    this.alarms = alarms;
    this.dirty = dirty;
    this.settled = settled;
    this.thread = Thread.ofPlatform().daemon().name("dormouse-checkpoint").unstarted(this::run);
  }

  void start() {
    lastCheckpoint = time.nanos();
    thread.start();
    tickLater();
  }

  private void tickLater() {
    timer = time.after(options.idleCheckpoint(), this::tick);
  }

  private void tick() {
    long records = journal.stats().records();
    boolean idle = records == recordsAtTick;
    recordsAtTick = records;
    boolean old = time.nanos() - lastCheckpoint >= options.checkpointAge().toNanos();
    if (catalog.isSuspect() || (!dirty.isEmpty() && (idle || old))) {
      request();
    }
    lock.lock();
    try {
      if (!closing) {
        tickLater();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks for a checkpoint soon. */
  void request() {
    lock.lock();
    try {
      if (!requested) {
        requested = true;
        wake.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isIdle() {
    lock.lock();
    try {
      return !requested && begun == ended;
    } finally {
      lock.unlock();
    }
  }

  /** Runs a checkpoint that begins after this call, and waits until it has ended. */
  void runNow() {
    lock.lock();
    try {
      long wanted = begun + 1;
      requested = true;
      pauseNanos = 0;
      wake.signalAll();
      while (ended < wanted && !closing) {
        wake.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      lock.lock();
      try {
        long nanos = pauseNanos;
        while (nanos > 0 && pauseNanos > 0 && !closing) {
          nanos = awaitNanos(nanos);
        }
        while (!requested && !closing) {
          wake.awaitUninterruptibly();
        }
        if (closing) {
          return;
        }
        requested = false;
        begun++;
      } finally {
        lock.unlock();
      }
      boolean whole = checkpoint();
      lock.lock();
      try {
        ended = begun;
        pauseNanos = whole ? 0 : Math.clamp(pauseNanos * 2, FIRST_PAUSE_NANOS, LAST_PAUSE_NANOS);
        if (!whole) {
          requested = true;
        }
        wake.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  @SuppressWarnings("WaitNotInLoop") // The caller loops.
  private long awaitNanos(long nanos) {
    try {
      return wake.awaitNanos(nanos);
    } catch (InterruptedException e) {
      LOG.warn("the checkpoint was interrupted, which nobody should do");
      return 0;
    }
  }

  /** Answers whether all came through. */
  private boolean checkpoint() {
    long start = time.nanos();
    lastCheckpoint = start;
    boolean whole;
    try {
      long durable = journal.durableLsn();
      var slots = new ArrayList<>(dirty.values());
      whole = applier.applyAll(slots);
      long firstNeeded = durable + 1;
      var changes = new ArrayList<Catalog.Change>();
      for (var slot : slots) {
        slot.lock.lock();
        try {
          if (slot.damage == null) {
            firstNeeded = Math.min(firstNeeded, slot.firstPending());
            if (slot.loaded) {
              changes.add(new Catalog.Change(slot.id, Optional.ofNullable(slot.file)));
            }
          }
        } finally {
          slot.lock.unlock();
        }
      }
      catalog.update(changes, new Catalog.Checkpoint(firstNeeded));
      slots.forEach(this::settle);
      journal.free(firstNeeded, applier.keepUpTo(), marks.directory());
      if (!whole) {
        LOG.warn("some actor files are brought up to date later: {}", applier.lastFailure());
      }
    } catch (IOException | RuntimeException | Error e) {
      LOG.warn("a checkpoint did not come through and is tried again: {}", e.toString());
      LOG.debug("why", e);
      whole = false;
    }
    lastNanos = time.nanos() - start;
    if (whole) {
      done.incrementAndGet();
    } else {
      failed.incrementAndGet();
    }
    return whole;
  }

  /** Lets go of a slot of which file and catalog hold everything. */
  private void settle(Slot slot) {
    slot.lock.lock();
    try {
      if (slot.isSettled()) {
        slot.listed = false;
        dirty.remove(slot.key, slot);
        alarms.remove(slot);
        settled.accept(slot);
      }
    } finally {
      slot.lock.unlock();
    }
  }

  long done() {
    return done.get();
  }

  long failed() {
    return failed.get();
  }

  long lastNanos() {
    return lastNanos;
  }

  /** Stops; what a checkpoint has begun, it ends. */
  @Override
  public void close() {
    var t = timer;
    if (t != null) {
      t.cancel();
    }
    lock.lock();
    try {
      closing = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
    Ending.await(thread);
  }
}
