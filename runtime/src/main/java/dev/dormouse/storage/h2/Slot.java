package dev.dormouse.storage.h2;

import dev.dormouse.fault.Fault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.StorageKey;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * What memory holds of an actor that is open, or whose newest state its file or the catalog lacks.
 *
 * <p>An actor's newest state is its file with {@link #visible} laid over. Of that, {@link #durable}
 * is what the journal has flushed and no checkpoint has begun to apply, {@link #applying} what one
 * is applying, and the commits in {@link #inflight} are still on their way to the disk. A commit
 * that becomes durable moves from {@code inflight} to {@code durable}; a checkpoint moves {@code
 * durable} to {@code applying} and drops it, and from {@code visible}, when the file has it. When a
 * commit fails, {@code visible} becomes what is durable, and all that was in flight fails with it.
 *
 * <p>{@link #lock} guards every field and is held briefly, never over the disk by a thread that
 * others wait for; the exception is {@link SlotLoader}, before which nothing can be in flight.
 * {@link #gate} keeps a checkpoint from dropping what a list is just merging. Order: gate, lock.
 */
final class Slot {
  /** What an actor's state comes to. */
  record Totals(boolean exists, long storedBytes, Optional<Alarm> alarm) {
    static final Totals NONE = new Totals(false, 0, Optional.empty());
  }

  final ActorId id;
  final String hex;
  final StorageKey key;
  final ReentrantLock lock = new ReentrantLock();
  final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

  Overlay visible = new Overlay();
  Overlay durable = new Overlay();
  @Nullable Overlay applying;
  final ArrayDeque<Commit> inflight = new ArrayDeque<>();

  /** What the file holds; null until it was looked at. */
  @Nullable FileMeta file;

  /** Whether {@link #file} and the totals are known. */
  boolean loaded;

  Totals newest = Totals.NONE;
  Totals flushed = Totals.NONE;

  /** The newest record, durable or not, and the newest durable one. */
  long lastLsn;

  long durableLsn;

  /** What the file must hold at least, or records are lost; and why, where that is known. */
  long requiredLsn;

  @Nullable String evidence;

  /** Set for good once state that was acknowledged cannot be had. */
  @Nullable Fault damage;

  /** Whether the slot comes from the journal, after a start. */
  boolean recovered;

  @Nullable State open;

  /** Whether the store has this slot among those that are newer than file or catalog. */
  boolean listed;

  /** Due times under which the index of alarms has this actor. */
  final TreeSet<Long> indexed = new TreeSet<>();

  Slot(ActorId id) {
    this.id = id;
    this.hex = id.hex();
    this.key = CatalogKeys.actor(id);
  }

  /** The oldest durable record that the file lacks; {@code Long.MAX_VALUE} where it lacks none. */
  long firstPending() {
    if (applying != null) {
      return applying.firstLsn;
    }
    return durable.isEmpty() ? Long.MAX_VALUE : durable.firstLsn;
  }

  /** Whether the file holds all there is. */
  boolean isSettled() {
    return applying == null && durable.isEmpty() && inflight.isEmpty();
  }

  /** Fails all that is in flight; what is visible is what is durable. */
  void failInflight(Fault fault) {
    for (var commit : inflight) {
      commit.doom();
    }
    inflight.clear();
    var kept = applying == null ? new Overlay() : applying.copy();
    kept.take(durable);
    visible = kept;
    newest = flushed;
    lastLsn = durableLsn;
    if (open != null) {
      open.poison(fault);
    }
  }
}
