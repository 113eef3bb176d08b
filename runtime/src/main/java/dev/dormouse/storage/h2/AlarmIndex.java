package dev.dormouse.storage.h2;

import dev.dormouse.storage.Alarm;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;

/**
 * Due times of actors that are in memory. The catalog has those of all others. An actor whose alarm
 * is being moved is under both times until the move is durable.
 */
final class AlarmIndex {
  private record Due(long dueMillis, Slot slot) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = Long.compare(dueMillis, other.dueMillis);
      return byTime != 0 ? byTime : slot.key.compareTo(other.slot.key);
    }
  }

  private final ConcurrentSkipListSet<Due> dues = new ConcurrentSkipListSet<>();

  /** Brings the entries of a slot up to date. Called under its lock. */
  void index(Slot slot) {
    var wanted = new HashSet<Long>();
    Stream.of(slot.newest, slot.flushed)
        .map(Slot.Totals::alarm)
        .flatMap(Optional::stream)
        .map(Alarm::dueMillis)
        .forEach(wanted::add);
    for (long due : wanted) {
      if (slot.indexed.add(due)) {
        dues.add(new Due(due, slot));
      }
    }
    slot.indexed.removeIf(
        due -> {
          boolean old = !wanted.contains(due);
          if (old) {
            dues.remove(new Due(due, slot));
          }
          return old;
        });
  }

  /** Takes a slot out. Called under its lock. */
  void remove(Slot slot) {
    slot.indexed.forEach(due -> dues.remove(new Due(due, slot)));
    slot.indexed.clear();
  }

  /** Slots with alarms due at or before a time, earliest first. */
  Iterator<Slot> due(long untilMillis) {
    return dues.stream().takeWhile(due -> due.dueMillis <= untilMillis).map(Due::slot).iterator();
  }
}
