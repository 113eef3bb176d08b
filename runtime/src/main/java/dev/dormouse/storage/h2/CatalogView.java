package dev.dormouse.storage.h2;

import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.ActorStore.DueAlarm;
import dev.dormouse.storage.ActorStore.StoredActor;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.StorageKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The catalog with what is newer in memory laid over it. */
final class CatalogView {
  private final Catalog catalog;
  private final SlotLoader loader;
  private final AlarmIndex alarms;
  private final ConcurrentNavigableMap<StorageKey, Slot> dirty;

  CatalogView(
      Catalog catalog,
      SlotLoader loader,
      AlarmIndex alarms,
      ConcurrentNavigableMap<StorageKey, Slot> dirty) {
    this.catalog = catalog;
    this.loader = loader;
    this.alarms = alarms;
    this.dirty = dirty;
  }

  Optional<StoredActor> find(ActorId id) {
    var key = CatalogKeys.actor(id);
    var slot = dirty.get(key);
    return slot != null ? stored(slot) : catalog.find(key).map(CatalogView::stored);
  }

  private static StoredActor stored(FileMeta meta) {
    return new StoredActor(meta.id(), meta.storedBytes(), meta.alarm());
  }

  private Optional<StoredActor> stored(Slot slot) {
    slot.lock.lock();
    try {
      if (slot.damage == null && !slot.loaded) {
        loader.load(slot);
      }
      if (slot.damage == null) {
        var totals = slot.newest;
        return totals.exists()
            ? Optional.of(new StoredActor(slot.id, totals.storedBytes(), totals.alarm()))
            : Optional.empty();
      }
    } catch (dev.dormouse.fault.InternalFault damaged) {
      // Listed as the catalog knew it: an operator must be able to see and to delete it.
    } finally {
      slot.lock.unlock();
    }
    return Optional.of(
        catalog
            .find(slot.key)
            .map(CatalogView::stored)
            .orElse(new StoredActor(slot.id, 0, Optional.empty())));
  }

  List<StoredActor> list(String namespace, String prefix, @Nullable String after, int limit) {
    var start = CatalogKeys.actor(namespace, prefix.getBytes(StandardCharsets.UTF_8));
    var from = start;
    if (after != null) {
      var last = CatalogKeys.actor(namespace, after.getBytes(StandardCharsets.UTF_8));
      var next = new StorageKey(Arrays.copyOf(last.utf8(), last.length() + 1));
      from = next.compareTo(start) > 0 ? next : start;
    }
    var listed = new ArrayList<StoredActor>();
    if (limit <= 0) {
      return listed;
    }
    var newer = dirty.tailMap(from, true).values().iterator();
    var ahead = new Slot[] {newer.hasNext() ? newer.next() : null};
    Runnable advance = () -> ahead[0] = newer.hasNext() ? newer.next() : null;
    catalog.scan(
        from,
        meta -> {
          var key = CatalogKeys.actor(meta.id());
          while (ahead[0] != null && ahead[0].key.compareTo(key) < 0 && listed.size() < limit) {
            add(ahead[0], start, listed);
            advance.run();
          }
          if (!startsWith(key, start) || listed.size() >= limit) {
            return false;
          }
          if (ahead[0] != null && ahead[0].key.equals(key)) {
            add(ahead[0], start, listed);
            advance.run();
          } else {
            listed.add(stored(meta));
          }
          return listed.size() < limit;
        });
    while (ahead[0] != null && listed.size() < limit && startsWith(ahead[0].key, start)) {
      add(ahead[0], start, listed);
      advance.run();
    }
    return listed;
  }

  private void add(Slot slot, StorageKey start, List<StoredActor> listed) {
    if (startsWith(slot.key, start)) {
      stored(slot).ifPresent(listed::add);
    }
  }

  private static boolean startsWith(StorageKey key, StorageKey start) {
    return key.length() >= start.length()
        && Arrays.equals(key.utf8(), 0, start.length(), start.utf8(), 0, start.length());
  }

  List<DueAlarm> alarmsDue(long untilMillis, int limit) {
    // Memory first: a checkpoint writes an alarm to the catalog before it leaves memory.
    var found = new HashSet<DueAlarm>();
    var newer = alarms.due(untilMillis);
    while (newer.hasNext() && found.size() < limit) {
      earliest(newer.next(), untilMillis).ifPresent(found::add);
    }
    int[] taken = {0};
    catalog.due(
        untilMillis,
        (due, id) -> {
          var slot = dirty.get(CatalogKeys.actor(id));
          if (slot == null) {
            found.add(new DueAlarm(id, due));
            taken[0]++;
          } else {
            earliest(slot, untilMillis).ifPresent(found::add);
          }
          return taken[0] < limit;
        });
    return found.stream()
        .sorted(Comparator.comparingLong(DueAlarm::dueMillis))
        .limit(limit)
        .toList();
  }

  private static Optional<DueAlarm> earliest(Slot slot, long untilMillis) {
    slot.lock.lock();
    try {
      return Stream.of(slot.newest, slot.flushed)
          .map(Slot.Totals::alarm)
          .flatMap(Optional::stream)
          .map(Alarm::dueMillis)
          .filter(due -> due <= untilMillis)
          .min(Long::compare)
          .map(due -> new DueAlarm(slot.id, due));
    } finally {
      slot.lock.unlock();
    }
  }
}
