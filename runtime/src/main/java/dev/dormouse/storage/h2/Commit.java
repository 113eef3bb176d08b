package dev.dormouse.storage.h2;

import dev.dormouse.fault.Fault;
import dev.dormouse.storage.WriteSet;
import dev.dormouse.storage.journal.Kind;
import dev.dormouse.storage.journal.PendingRecord;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A commit of an actor on its way to the disk; one without writes deletes the actor. */
final class Commit extends PendingRecord {
  private static final byte[] NOTHING = {};

  private final Slot slot;
  private final AlarmIndex alarms;
  private final @Nullable WriteSet writes;
  private final Slot.Totals after;
  private final boolean fresh;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private volatile boolean doomed;

  /** What kept the actor from being used before it was deleted, and does again if that fails. */
  private @Nullable Fault priorDamage;

  Commit(
      Slot slot,
      AlarmIndex alarms,
      @Nullable WriteSet writes,
      byte[] payload,
      Slot.Totals after,
      long prev) {
    super(slot.id, writes == null ? Kind.DELETE : Kind.WRITE, payload, prev);
    this.slot = slot;
    this.alarms = alarms;
    this.writes = writes;
    this.after = after;
    this.fresh = prev == 0;
  }

  static byte[] nothing() {
    return NOTHING;
  }

  CompletableFuture<Void> done() {
    return done;
  }

  void replaces(@Nullable Fault damage) {
    priorDamage = damage;
  }

  void doom() {
    doomed = true;
  }

  @Override
  protected void becameDurable() {
    slot.lock.lock();
    try {
      slot.inflight.remove();
      if (writes == null) {
        slot.durable.takeDeletion(lsn());
      } else {
        if (fresh) {
          slot.durable.startFresh(lsn());
        }
        slot.durable.take(writes, lsn());
      }
      slot.durableLsn = lsn();
      boolean moved = !slot.flushed.alarm().equals(after.alarm());
      slot.flushed = after;
      if (moved) {
        alarms.index(slot);
      }
    } finally {
      slot.lock.unlock();
    }
  }

  @Override
  protected void finished() {
    done.complete(null);
  }

  @Override
  protected void failed(Fault fault) {
    slot.lock.lock();
    try {
      if (!doomed) {
        slot.failInflight(fault);
        if (writes == null) {
          slot.loaded = false;
          slot.damage = priorDamage;
        }
        alarms.index(slot);
      }
    } finally {
      slot.lock.unlock();
    }
    done.completeExceptionally(fault);
  }

  @Override
  protected boolean abandoned() {
    return doomed;
  }
}
