package dev.dormouse.storage.h2;

import static dev.dormouse.storage.h2.StoreFixture.actor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dormouse.storage.ActorStore.ActorState;
import dev.dormouse.storage.ActorStore.DueAlarm;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random work on a few actors, with crashes and checkpoints, held against plain maps. */
class StoreModelTest {
  private static final int ACTORS = 4;
  private static final int STEPS = 600;

  @TempDir Path root;

  private static final class Model {
    boolean exists;
    TreeMap<StorageKey, byte[]> entries = new TreeMap<>();
    Optional<Alarm> alarm = Optional.empty();

    void apply(WriteSet writes) {
      exists |= !writes.isEmpty();
      if (writes.deleteAll()) {
        entries.clear();
      }
      writes
          .entries()
          .forEach(
              (key, value) -> {
                if (value == null) {
                  entries.remove(key);
                } else {
                  entries.put(key, value);
                }
              });
      if (writes.alarm() != null) {
        alarm = writes.alarm();
      }
    }

    long bytes() {
      return entries.entrySet().stream()
          .mapToLong(e -> e.getKey().length() + e.getValue().length)
          .sum();
    }

    List<Entry> list(KeyRange range, long maxBytes) {
      var found = new ArrayList<Entry>();
      long bytes = 0;
      for (var e : (range.reverse() ? entries.descendingMap() : entries).entrySet()) {
        var entry = new Entry(e.getKey(), e.getValue());
        if (!range.contains(e.getKey())) {
          continue;
        }
        bytes += entry.bytes();
        if (found.size() >= range.limit() || bytes > maxBytes) {
          break;
        }
        found.add(entry);
      }
      return found;
    }
  }

  @Test
  void storeAndMapsAgreeWhateverHappens() throws Exception {
    run(1, STEPS / 4);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {2, 3, 4, 5, 6, 7})
  void storeAndMapsAgreeOverLongerRuns(long seed) throws Exception {
    run(seed, STEPS);
  }

  private void run(long seed, int steps) throws Exception {
    var random = new Random(seed);
    try (var disk = new StoreFixture(root)) {
      var models = new ArrayList<Model>();
      var states = new ArrayList<ActorState>();
      var store = disk.open();
      for (int i = 0; i < ACTORS; i++) {
        models.add(new Model());
        states.add(store.open(actor("a" + i)));
      }
      for (int step = 0; step < steps; step++) {
        int at = random.nextInt(ACTORS);
        var model = models.get(at);
        var state = states.get(at);
        switch (random.nextInt(40)) {
          case 0, 1 -> store.checkpoint();
          case 2, 3 -> {
            states.forEach(StoreModelTest::settle);
            boolean kill = random.nextBoolean();
            if (kill) {
              disk.crash();
              litter(disk.directory(), random);
            } else {
              states.forEach(ActorState::close);
              store.close();
            }
            store = disk.open();
            for (int i = 0; i < ACTORS; i++) {
              states.set(i, store.open(actor("a" + i)));
            }
          }
          case 4 -> {
            state.close();
            store.delete(actor("a" + at)).join();
            models.set(at, new Model());
            states.set(at, store.open(actor("a" + at)));
          }
          case 5 -> {
            state.close();
            states.set(at, store.open(actor("a" + at)));
          }
          case 6, 7, 8, 9, 10, 11 -> compare(model, state, random);
          default -> {
            var writes = writes(random);
            var done = state.commit(writes);
            model.apply(writes);
            if (random.nextInt(4) == 0) {
              done.join();
            }
          }
        }
        if (random.nextInt(20) == 0) {
          states.forEach(StoreModelTest::settle);
          compareCatalog(models, store);
        }
      }
      for (int i = 0; i < ACTORS; i++) {
        compare(models.get(i), states.get(i), random);
        assertEquals(models.get(i).entries.size(), store.read(actor("a" + i), KeyRange.ALL).size());
      }
      states.forEach(StoreModelTest::settle);
      compareCatalog(models, store);
    }
  }

  /** Waits until all that was committed is durable. */
  private static void settle(ActorState state) {
    state.commit(new WriteSet(false, new TreeMap<>(), null)).join();
  }

  /** What a power cut may leave behind the flushed length of files that H2 was appending to. */
  private static void litter(Path directory, Random random) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.filter(f -> f.toString().endsWith("catalog.mv.db")).toList()) {
        var garbage = new byte[random.nextInt(10_000)];
        random.nextBytes(garbage);
        Files.write(file, garbage, StandardOpenOption.APPEND);
      }
    }
  }

  private static StorageKey key(Random random) {
    var key = new StringBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      key.append((char) ('a' + random.nextInt(6)));
    }
    return StorageKey.of(key.toString());
  }

  private static WriteSet writes(Random random) {
    var entries = new TreeMap<StorageKey, byte[]>();
    for (int i = random.nextInt(8); i > 0; i--) {
      var value = new byte[random.nextInt(random.nextInt(20) == 0 ? 50_000 : 60)];
      random.nextBytes(value);
      entries.put(key(random), random.nextInt(3) == 0 ? null : value);
    }
    Optional<Alarm> alarm =
        switch (random.nextInt(6)) {
          case 0 -> Optional.of(Alarm.at(random.nextInt(1000) - 100));
          case 1 -> Optional.empty();
          default -> null;
        };
    return new WriteSet(random.nextInt(15) == 0, entries, alarm);
  }

  private static KeyRange range(Random random) {
    return new KeyRange(
        random.nextInt(3) == 0 ? key(random) : null,
        random.nextInt(3) == 0 ? key(random) : null,
        random.nextInt(3) == 0 ? key(random) : null,
        random.nextInt(3) == 0 ? key(random) : null,
        random.nextBoolean(),
        random.nextInt(3) == 0 ? random.nextInt(10) : Integer.MAX_VALUE);
  }

  private static void compare(Model model, ActorState state, Random random) {
    for (int i = 0; i < 6; i++) {
      var range = range(random);
      long maxBytes = random.nextInt(3) == 0 ? random.nextInt(300) : Long.MAX_VALUE;
      same(model.list(range, maxBytes), state.list(range, maxBytes));
      var key = key(random);
      assertArrayEquals(model.entries.get(key), state.get(key));
    }
    assertEquals(model.bytes(), state.storedBytes());
    assertEquals(model.alarm, state.alarm());
  }

  private static void same(List<Entry> expected, List<Entry> found) {
    assertEquals(
        expected.stream().map(Entry::key).toList(), found.stream().map(Entry::key).toList());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i).value(), found.get(i).value());
    }
  }

  private static void compareCatalog(List<Model> models, H2Store store) {
    var expected = new TreeMap<String, Model>();
    for (int i = 0; i < ACTORS; i++) {
      if (models.get(i).exists) {
        expected.put("a" + i, models.get(i));
      }
    }
    var listed = store.list("test", "", null, 100);
    assertEquals(List.copyOf(expected.keySet()), listed.stream().map(a -> a.id().name()).toList());
    for (var actor : listed) {
      assertEquals(expected.get(actor.id().name()).bytes(), actor.storedBytes());
      assertEquals(expected.get(actor.id().name()).alarm, actor.alarm());
      assertEquals(Optional.of(actor), store.find(actor.id()));
    }
    var due =
        expected.entrySet().stream()
            .filter(e -> e.getValue().alarm.isPresent())
            .map(e -> Map.entry(e.getKey(), e.getValue().alarm.get().dueMillis()))
            .filter(e -> e.getValue() <= 500)
            .sorted(Comparator.comparingLong(Map.Entry<String, Long>::getValue))
            .toList();
    var found = store.alarmsDue(500, 100);
    assertEquals(
        due.stream().map(e -> new DueAlarm(actor(e.getKey()), e.getValue())).toList(), found);
  }
}
