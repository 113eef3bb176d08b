package dev.dormouse.storage.h2;

import dev.dormouse.fault.Fault;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import dev.dormouse.storage.journal.Journal;
import dev.dormouse.storage.journal.WriteSetCodec;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import org.jspecify.annotations.Nullable;

/** Turns writes into journal records, and makes them visible in their slots at once. */
final class Committer {
  /** More than two tags with the longest names. */
  private static final int RECORD_OVERHEAD_BYTES = 2 * (64 + 64 + 512);

  private final Journal journal;
  private final SlotLoader loader;
  private final AlarmIndex alarms;
  private final ConcurrentNavigableMap<StorageKey, Slot> dirty;

  Committer(
      Journal journal,
      SlotLoader loader,
      AlarmIndex alarms,
      ConcurrentNavigableMap<StorageKey, Slot> dirty) {
    this.journal = journal;
    this.loader = loader;
    this.alarms = alarms;
    this.dirty = dirty;
  }

  CompletableFuture<Void> commit(State state, WriteSet writes) {
    var slot = state.slot();
    var poison = state.poison();
    if (poison != null) {
      return CompletableFuture.failedFuture(poison);
    }
    if (writes.isEmpty()) {
      return lastOf(slot);
    }
    try {
      return append(slot, writes, totalsAfter(slot, writes), WriteSetCodec.encode(writes), state);
    } catch (Fault fault) {
      state.poison(fault);
      return CompletableFuture.failedFuture(fault);
    }
  }

  /** The slot must be in use by nobody else. */
  CompletableFuture<Void> delete(Slot slot) {
    try {
      return append(slot, null, Slot.Totals.NONE, Commit.nothing(), null);
    } catch (Fault fault) {
      return CompletableFuture.failedFuture(fault);
    }
  }

  private static CompletableFuture<Void> lastOf(Slot slot) {
    slot.lock.lock();
    try {
      var last = slot.inflight.peekLast();
      return last == null ? CompletableFuture.completedFuture(null) : last.done();
    } finally {
      slot.lock.unlock();
    }
  }

  private CompletableFuture<Void> append(
      Slot slot,
      @Nullable WriteSet writes,
      Slot.Totals after,
      byte[] payload,
      @Nullable State state) {
    long reserved = (long) payload.length + RECORD_OVERHEAD_BYTES;
    journal.reserve(reserved);
    slot.lock.lock();
    try {
      var poison = state == null ? null : state.poison();
      if (poison != null) {
        journal.release(reserved);
        return CompletableFuture.failedFuture(poison);
      }
      var commit =
          new Commit(slot, alarms, writes, payload, after, slot.newest.exists() ? slot.lastLsn : 0);
      journal.append(commit, reserved);
      slot.inflight.add(commit);
      if (writes == null) {
        slot.visible.takeDeletion(commit.lsn());
        commit.replaces(slot.damage);
        slot.damage = null;
        slot.loaded = true;
      } else {
        if (!slot.newest.exists()) {
          slot.visible.startFresh(commit.lsn());
        }
        slot.visible.take(writes, commit.lsn());
      }
      slot.lastLsn = commit.lsn();
      boolean moved = !slot.newest.alarm().equals(after.alarm());
      slot.newest = after;
      if (!slot.listed) {
        slot.listed = true;
        dirty.put(slot.key, slot);
      }
      if (moved || slot.indexed.isEmpty()) {
        alarms.index(slot);
      }
      return commit.done();
    } finally {
      slot.lock.unlock();
    }
  }

  /** What the state comes to with these writes; exact, so what they replace is looked up. */
  private Slot.Totals totalsAfter(Slot slot, WriteSet writes) {
    // Only the caller commits to this slot: what is read here under the lock stays right after it.
    Slot.Totals before;
    slot.lock.lock();
    try {
      before = slot.newest;
    } finally {
      slot.lock.unlock();
    }
    long stored = writes.deleteAll() ? 0 : before.storedBytes();
    for (var e : writes.entries().entrySet()) {
      var key = e.getKey();
      var value = e.getValue();
      stored += value == null ? 0 : key.length() + value.length;
      if (!writes.deleteAll()) {
        stored -= bytesOf(slot, key);
      }
    }
    Optional<Alarm> changed = writes.alarm();
    return new Slot.Totals(true, stored, changed != null ? changed : before.alarm());
  }

  private long bytesOf(Slot slot, StorageKey key) {
    slot.lock.lock();
    try {
      var cell = slot.visible.cells.get(key);
      if (cell != null) {
        var value = cell.value();
        return value == null ? 0 : (long) key.length() + value.length;
      }
      if (slot.visible.cleared() || slot.file == null) {
        return 0;
      }
    } finally {
      slot.lock.unlock();
    }
    return loader.bytesInFile(slot, key);
  }
}
