package dev.dormouse.storage.h2;

import dev.dormouse.fault.Fault;
import dev.dormouse.storage.journal.Ending;
import dev.dormouse.storage.journal.Journal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the files of actors up to date with what is durable in the journal: each in one flushed
 * commit. What fails for a while (a full disk) is left for later; an actor whose file is damaged is
 * marked, is refused from then on, and holds up nobody else. Used by the checkpoint alone.
 */
final class Applier {
  private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

  private final int threads;
  private final FileCache files;
  private final SlotLoader loader;
  private final DamageMarks marks;
  private final AlarmIndex alarms;
  private final AtomicLong applied = new AtomicLong();
  private volatile String lastFailure = "";
  private long keepUpTo;

  /**
   * @param threads that apply at the same time
   */
  Applier(int threads, FileCache files, SlotLoader loader, DamageMarks marks, AlarmIndex alarms) {
    this.threads = threads;
    this.files = files;
    this.loader = loader;
    this.marks = marks;
    this.alarms = alarms;
  }

  /** Answers whether all came through; what did not is to be tried again. */
  boolean applyAll(List<Slot> slots) {
    var queue = new ConcurrentLinkedQueue<>(slots);
    var failures = new ConcurrentLinkedQueue<Slot>();
    Runnable work =
        () -> {
          for (var slot = queue.poll(); slot != null; slot = queue.poll()) {
            if (!apply(slot)) {
              failures.add(slot);
            }
          }
        };
    var helpers = new ArrayList<Thread>();
    for (int i = 1; i < Math.min(threads, slots.size()); i++) {
      helpers.add(Thread.ofPlatform().daemon().name("dormouse-checkpoint-" + i).start(work));
    }
    work.run();
    helpers.forEach(Ending::await);
    return failures.isEmpty();
  }

  private boolean apply(Slot slot) {
    try {
      Overlay overlay;
      slot.lock.lock();
      try {
        if (slot.damage != null) {
          return true;
        }
        loader.load(slot);
        if (slot.applying == null) {
          slot.applying = slot.durable;
        } else {
          slot.applying.take(slot.durable);
        }
        slot.durable = new Overlay();
        overlay = slot.applying;
        if (overlay.isEmpty()) {
          slot.applying = null;
          return true;
        }
      } finally {
        slot.lock.unlock();
      }
      apply(slot, overlay);
      applied.incrementAndGet();
      return true;
    } catch (IOException | RuntimeException e) {
      if (isPassing(e)) {
        LOG.debug("actor {} is brought up to date later: {}", slot.id, e.toString());
        lastFailure = e.toString();
        return false;
      }
      return giveUp(slot, e);
    }
  }

  private void apply(Slot slot, Overlay overlay) throws IOException {
    // Only this thread replaces what the slot knows of its file.
    var before = slot.file;
    @Nullable FileMeta after = null;
    if (overlay.freshLsn > 0) {
      files.remove(slot.hex);
      marks.clear(slot.hex);
      before = null;
    }
    if (!overlay.gone) {
      after = files.apply(slot.id, slot.hex, overlay, before == null ? 0 : before.fileBytes());
    }
    slot.gate.writeLock().lock();
    try {
      slot.lock.lock();
      try {
        slot.applying = null;
        slot.visible.forget(overlay.lastLsn);
        slot.file = after;
        slot.requiredLsn = 0;
      } finally {
        slot.lock.unlock();
      }
    } finally {
      slot.gate.writeLock().unlock();
    }
  }

  private static boolean isPassing(Exception e) {
    if (Journal.isFull(e)) {
      return true;
    }
    return switch (e) {
      case MVStoreException m ->
          m.getErrorCode() == DataUtils.ERROR_WRITING_FAILED
              || m.getErrorCode() == DataUtils.ERROR_CLOSED
              || m.getErrorCode() == DataUtils.ERROR_FILE_LOCKED;
      case IOException io -> true;
      default -> false;
    };
  }

  /** What the actor's file lacks cannot be brought there: from now on the actor is refused. */
  private boolean giveUp(Slot slot, Exception why) {
    var fault =
        why instanceof Fault known ? known : FileCache.damaged(slot.id, files.path(slot.hex), why);
    slot.lock.lock();
    try {
      if (slot.open != null) {
        slot.open.poison(fault);
      }
      if (!slot.inflight.isEmpty()) {
        return false;
      }
      slot.damage = fault;
      keepUpTo(slot.lastLsn);
      slot.applying = null;
      slot.durable = new Overlay();
      slot.visible = new Overlay();
      slot.loaded = false;
      alarms.remove(slot);
    } finally {
      slot.lock.unlock();
    }
    try {
      marks.mark(slot.id, slot.hex, String.valueOf(fault.getMessage()));
      return true;
    } catch (IOException e) {
      LOG.warn("actor {} could not be marked as damaged: {}", slot.id, e.toString());
      return true;
    }
  }

  /** Segments with records up to here hold what was not applied to damaged actors. */
  synchronized long keepUpTo() {
    return keepUpTo;
  }

  synchronized void keepUpTo(long lsn) {
    keepUpTo = Math.max(keepUpTo, lsn);
  }

  /** Why something is left for later, for the log. */
  String lastFailure() {
    return lastFailure;
  }

  /** Files brought up to date since the start. */
  long applied() {
    return applied.get();
  }
}
