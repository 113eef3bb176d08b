package dev.dormouse.storage.h2;

import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Commits of one actor that its file does not hold yet, folded together: of each key only the
 * newest value. Writes are absolute, so what this lays over a file comes out the same whether or
 * not the file holds some of it already. Guarded by its slot.
 */
final class Overlay {
  private static final int CELL_BYTES = 120;

  /** A null value deletes the key. */
  record Cell(byte @Nullable [] value, long lsn) {}

  TreeMap<StorageKey, Cell> cells = new TreeMap<>();
  long firstLsn;
  long lastLsn;

  /** The commit that cleared all keys below this overlay; 0 where none did. */
  long clearedLsn;

  /** The newest change of the alarm; null where there is none. */
  @Nullable Optional<Alarm> alarm;

  private long alarmLsn;

  /** Whether nothing of the file counts: the actor was deleted, or did not exist, before this. */
  long freshLsn;

  /** Whether the newest commit deleted the actor. */
  boolean gone;

  private long bytes;

  boolean isEmpty() {
    return lastLsn == 0;
  }

  /** About what this takes in memory. */
  long bytes() {
    return bytes;
  }

  boolean cleared() {
    return clearedLsn > 0;
  }

  /** Takes a commit that is newer than all here. */
  void take(WriteSet writes, long lsn) {
    began(lsn);
    gone = false;
    if (writes.deleteAll()) {
      clear(lsn);
    }
    writes.entries().forEach((key, value) -> put(key, new Cell(value, lsn)));
    if (writes.alarm() != null) {
      alarm = writes.alarm();
      alarmLsn = lsn;
    }
  }

  /** Takes the deletion of the actor. */
  void takeDeletion(long lsn) {
    began(lsn);
    clear(lsn);
    alarm = Optional.empty();
    alarmLsn = lsn;
    freshLsn = lsn;
    gone = true;
  }

  /** Says that no state before the first commit here counts. */
  void startFresh(long lsn) {
    clear(lsn);
    alarm = Optional.empty();
    alarmLsn = lsn;
    freshLsn = lsn;
  }

  /** Takes all of an overlay that is newer than all here. */
  void take(Overlay newer) {
    if (newer.isEmpty()) {
      return;
    }
    began(newer.firstLsn);
    lastLsn = newer.lastLsn;
    if (newer.cleared()) {
      clear(newer.clearedLsn);
    }
    newer.cells.forEach(this::put);
    if (newer.alarm != null) {
      alarm = newer.alarm;
      alarmLsn = newer.alarmLsn;
    }
    if (newer.freshLsn > 0) {
      freshLsn = newer.freshLsn;
    }
    gone = newer.gone;
  }

  private void began(long lsn) {
    if (firstLsn == 0) {
      firstLsn = lsn;
    }
    lastLsn = lsn;
  }

  private void clear(long lsn) {
    cells.clear();
    bytes = 0;
    clearedLsn = lsn;
  }

  private void put(StorageKey key, Cell cell) {
    var old = cells.put(key, cell);
    bytes += size(key, cell) - (old == null ? 0 : size(key, old));
  }

  private static long size(StorageKey key, Cell cell) {
    var value = cell.value;
    return (long) CELL_BYTES + key.length() + (value == null ? 0 : value.length);
  }

  /** Drops what a file now holds: all up to a commit. */
  void forget(long appliedLsn) {
    if (lastLsn <= appliedLsn) {
      cells = new TreeMap<>();
      bytes = 0;
      firstLsn = 0;
      lastLsn = 0;
      clearedLsn = 0;
      freshLsn = 0;
      alarm = null;
      gone = false;
      return;
    }
    cells
        .entrySet()
        .removeIf(
            e -> {
              boolean old = e.getValue().lsn <= appliedLsn;
              if (old) {
                bytes -= size(e.getKey(), e.getValue());
              }
              return old;
            });
    firstLsn = Math.max(firstLsn, appliedLsn + 1);
    if (clearedLsn <= appliedLsn) {
      clearedLsn = 0;
    }
    if (freshLsn <= appliedLsn) {
      freshLsn = 0;
    }
    if (alarm != null && alarmLsn <= appliedLsn) {
      alarm = null;
    }
  }

  Overlay copy() {
    var copy = new Overlay();
    copy.take(this);
    return copy;
  }
}
