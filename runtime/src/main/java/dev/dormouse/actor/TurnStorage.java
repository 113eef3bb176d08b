package dev.dormouse.actor;

import dev.dormouse.abi.Status;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.GuestFault.Trap;
import dev.dormouse.limits.Limits;
import dev.dormouse.storage.ActorStore.ActorState;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An actor's storage and alarm as one turn sees them: the committed state under the turn's own
 * writes. Nothing here reaches the store before the turn ends well.
 */
public final class TurnStorage {
  /** What an entry costs beside its bytes, so that a turn cannot write millions of empty ones. */
  private static final int ENTRY_OVERHEAD = 64;

  private final ActorState state;
  private final Limits limits;
  private NavigableMap<StorageKey, byte @Nullable []> writes = Collections.emptyNavigableMap();
  private boolean deletedAll;
  private @Nullable Optional<Alarm> alarmChange;
  private long writeBytes;

  TurnStorage(ActorState state, Limits limits) {
    this.state = state;
    this.limits = limits;
  }

  /** The value, not to be changed; null where there is none. */
  public byte @Nullable [] get(StorageKey key) {
    if (writes.containsKey(key)) {
      return writes.get(key);
    }
    return deletedAll ? null : state.get(key);
  }

  /** What {@link #put} would answer, without writing. */
  public Status check(StorageKey key, int valueBytes, long alsoBytes) {
    if (key.length() == 0 || key.length() > limits.keyBytes()) {
      return Status.KEY_TOO_LARGE;
    }
    if (valueBytes > limits.valueBytes()) {
      return Status.VALUE_TOO_LARGE;
    }
    long cost = key.length() + valueBytes + ENTRY_OVERHEAD + alsoBytes;
    if (writeBytes + cost > limits.turnWriteBytes()) {
      return Status.TOO_MANY;
    }
    long stored = deletedAll ? 0 : state.storedBytes();
    return stored + writeBytes + cost > limits.storageBytes() ? Status.STORAGE_FULL : Status.OK;
  }

  /**
   * @param value not to be changed any more
   */
  public Status put(StorageKey key, byte[] value) {
    var status = check(key, value.length, 0);
    if (status == Status.OK) {
      write(key, value);
    }
    return status;
  }

  /** Writes all entries or, when one is refused, none. */
  public Status putAll(List<Entry> entries) {
    long bytes = 0;
    for (var entry : entries) {
      var status = check(entry.key(), entry.value().length, bytes);
      if (status != Status.OK) {
        return status;
      }
      bytes += entry.bytes() + ENTRY_OVERHEAD;
    }
    for (var entry : entries) {
      write(entry.key(), entry.value());
    }
    return Status.OK;
  }

  /** Whether the key was there. */
  public boolean delete(StorageKey key) {
    if (get(key) == null) {
      return false;
    }
    write(key, null);
    return true;
  }

  /**
   * The entries of a range, in order.
   *
   * @throws GuestFault {@code memory_exceeded}, where they are more than one call may answer
   */
  public List<Entry> list(KeyRange range) {
    var own = range.reverse() ? ownWrites(range).descendingMap() : ownWrites(range);
    var entries = own.isEmpty() && !deletedAll ? stored(range, 0) : merge(own, range);
    long bytes = 0;
    for (var entry : entries) {
      bytes += entry.bytes();
    }
    if (bytes > limits.turnReadBytes()) {
      throw new GuestFault(
          Trap.MEMORY_EXCEEDED,
          "storage.list would answer more than "
              + limits.turnReadBytes()
              + " bytes: give a limit and go on with start-after");
    }
    return entries;
  }

  public void deleteAll() {
    writes = Collections.emptyNavigableMap();
    writeBytes = 0;
    deletedAll = true;
  }

  /** When the alarm is due, in Unix time; for a retried alarm, when it was set to. */
  public @Nullable Long alarm() {
    return alarmRecord().map(Alarm::setMillis).orElse(null);
  }

  public void setAlarm(long dueMillis) {
    alarmChange = Optional.of(Alarm.at(dueMillis));
  }

  /** Sets the alarm to be tried again at a time, as one that was due at another. */
  public void retryAlarm(long atMillis, long dueMillis, int attempt) {
    alarmChange = Optional.of(new Alarm(atMillis, dueMillis, attempt));
  }

  public void deleteAlarm() {
    alarmChange = Optional.empty();
  }

  Optional<Alarm> alarmRecord() {
    var change = alarmChange;
    return change == null ? state.alarm() : change;
  }

  /** All that the turn changed; the turn must not write after this. */
  WriteSet finish() {
    return new WriteSet(deletedAll, writes, alarmChange);
  }

  private void write(StorageKey key, byte @Nullable [] value) {
    writeBytes += key.length() + ENTRY_OVERHEAD + (value == null ? 0 : value.length);
    if (writes.isEmpty()) {
      writes = new TreeMap<>();
    }
    var before = writes.put(key, value);
    if (before != null) {
      writeBytes -= key.length() + ENTRY_OVERHEAD + before.length;
    }
  }

  private NavigableMap<StorageKey, byte @Nullable []> ownWrites(KeyRange range) {
    var from = range.from();
    var to = range.to();
    if (from != null && to != null && from.compareTo(to) >= 0) {
      return Collections.emptyNavigableMap();
    }
    var own = from == null ? writes : writes.tailMap(from, true);
    return to == null ? own : own.headMap(to, false);
  }

  /**
   * @param hidden how many of the stored entries may turn out to be overwritten or deleted
   */
  private List<Entry> stored(KeyRange range, int hidden) {
    if (deletedAll) {
      return List.of();
    }
    int enough = (int) Math.min(Integer.MAX_VALUE, (long) range.limit() + hidden);
    var wide =
        new KeyRange(
            range.start(),
            range.startAfter(),
            range.end(),
            range.prefix(),
            range.reverse(),
            enough);
    // One entry more than may be answered, so that the caller can tell that there was more.
    long hiddenBytes = (long) hidden * (limits.keyBytes() + limits.valueBytes());
    long most = limits.turnReadBytes() + limits.keyBytes() + limits.valueBytes() + hiddenBytes;
    return state.list(wide, most);
  }

  private List<Entry> merge(NavigableMap<StorageKey, byte @Nullable []> own, KeyRange range) {
    var stored = stored(range, own.size());
    var merged = new ArrayList<Entry>(Math.min(range.limit(), stored.size() + own.size()));
    int next = 0;
    for (var write : own.entrySet()) {
      while (next < stored.size() && before(stored.get(next).key(), write.getKey(), range)) {
        merged.add(stored.get(next++));
      }
      if (next < stored.size() && stored.get(next).key().equals(write.getKey())) {
        next++;
      }
      if (write.getValue() != null) {
        merged.add(new Entry(write.getKey(), write.getValue()));
      }
    }
    merged.addAll(stored.subList(next, stored.size()));
    return merged.size() > range.limit() ? merged.subList(0, range.limit()) : merged;
  }

  private static boolean before(StorageKey a, StorageKey b, KeyRange range) {
    int order = a.compareTo(b);
    return range.reverse() ? order > 0 : order < 0;
  }
}
