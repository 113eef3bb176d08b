package dev.dormouse.storage.h2;

import static dev.dormouse.storage.h2.StoreFixture.actor;
import static dev.dormouse.storage.h2.StoreFixture.alarm;
import static dev.dormouse.storage.h2.StoreFixture.key;
import static dev.dormouse.storage.h2.StoreFixture.noAlarm;
import static dev.dormouse.storage.h2.StoreFixture.put;
import static dev.dormouse.storage.h2.StoreFixture.remove;
import static dev.dormouse.storage.h2.StoreFixture.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.InternalFault;
import dev.dormouse.storage.ActorStore.DueAlarm;
import dev.dormouse.storage.ActorStore.StoredActor;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2StoreTest {
  @TempDir Path root;
  private StoreFixture disk;

  @BeforeEach
  void fixture() {
    disk = new StoreFixture(root);
  }

  @AfterEach
  void release() {
    disk.close();
  }

  @Test
  void aCommitIsSeenAtOnceAndAfterACrashOnceItsFutureIsDone() {
    var store = disk.open();
    var state = store.open(actor("a"));
    var done = state.commit(put("k", "v1"));
    assertEquals("v1", text(state.get(key("k"))));
    done.join();

    disk.crash();
    var again = disk.open().open(actor("a"));
    assertEquals("v1", text(again.get(key("k"))));
    assertEquals(3, again.storedBytes());
  }

  @Test
  void anActorWithDurableStateIsFoundByItsId() {
    var store = disk.open();
    var stored = actor("a");
    try (var state = store.open(stored)) {
      state.commit(put("k", "v")).join();
    }
    assertEquals(Optional.of(stored), store.named(stored.hex()));
    store.checkpoint();
    assertEquals(Optional.of(stored), store.named(stored.hex()));
    assertEquals(Optional.empty(), store.named(actor("b").hex()));
    assertEquals(Optional.empty(), store.named("../../" + stored.hex().substring(6)));
    store.delete(stored).join();
    assertEquals(Optional.empty(), store.named(stored.hex()));
    store.checkpoint();
    assertEquals(Optional.empty(), store.named(stored.hex()));
  }

  @Test
  void aCleanStopLeavesAllInFilesAndAnEmptyJournal() throws Exception {
    var store = disk.open();
    try (var state = store.open(actor("a"))) {
      state.commit(put("k", "v1")).join();
      state.commit(alarm(77)).join();
    }
    store.close();
    try (var files = Files.list(disk.directory().resolve("journal"))) {
      assertTrue(files.noneMatch(f -> f.toString().endsWith(".seg")));
    }
    var state = disk.open().open(actor("a"));
    assertEquals("v1", text(state.get(key("k"))));
    assertEquals(Optional.of(Alarm.at(77)), state.alarm());
  }

  @Test
  void anActorThatStoredNothingLeavesNothingOnDisk() throws Exception {
    var store = disk.open();
    try (var state = store.open(actor("a"))) {
      assertNull(state.get(key("k")));
      assertEquals(List.of(), state.list(KeyRange.ALL, Long.MAX_VALUE));
    }
    store.checkpoint();
    assertEquals(Optional.empty(), store.find(actor("a")));
    try (var files = Files.list(disk.directory().resolve("actors"))) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void storedBytesAreExactWhateverWasInTheFile() {
    var store = disk.open();
    var state = store.open(actor("a"));
    state.commit(put("key", "12345")).join();
    assertEquals(8, state.storedBytes());
    store.checkpoint();
    state.commit(put("key", "1")).join();
    assertEquals(4, state.storedBytes());
    state.commit(put("other", "1")).join();
    state.commit(remove("key")).join();
    assertEquals(6, state.storedBytes());
    store.checkpoint();
    assertEquals(6, state.storedBytes());
    assertEquals(6, store.find(actor("a")).orElseThrow().storedBytes());
  }

  @Test
  void aDeletedActorIsGoneAndMayComeAgain() throws Exception {
    var store = disk.open();
    for (boolean checkpointed : new boolean[] {false, true}) {
      try (var state = store.open(actor("a"))) {
        state.commit(put("old", "1")).join();
      }
      if (checkpointed) {
        store.checkpoint();
      }
      store.delete(actor("a")).join();
      assertEquals(Optional.empty(), store.find(actor("a")));
      assertEquals(List.of(), store.list("test", "", null, 10));
      if (checkpointed) {
        store.checkpoint();
        try (var files = Files.walk(disk.directory().resolve("actors"))) {
          assertTrue(files.noneMatch(f -> f.toString().endsWith(ActorFile.SUFFIX)));
        }
      }
      try (var state = store.open(actor("a"))) {
        assertNull(state.get(key("old")));
        state.commit(put("new", "2")).join();
      }
      disk.crash();
      try (var crashed = disk.open();
          var state = crashed.open(actor("a"))) {
        assertNull(state.get(key("old")));
        assertEquals("2", text(state.get(key("new"))));
      }
      store = disk.open();
      store.delete(actor("a")).join();
    }
  }

  @Test
  void aDeletionSurvivesACrash() {
    var store = disk.open();
    try (var state = store.open(actor("a"))) {
      state.commit(put("old", "1")).join();
    }
    store.checkpoint();
    store.delete(actor("a")).join();
    disk.crash();
    var again = disk.open();
    assertEquals(Optional.empty(), again.find(actor("a")));
    again.checkpoint();
    assertEquals(Optional.empty(), again.find(actor("a")));
    assertNull(again.open(actor("a")).get(key("old")));
  }

  @Test
  void theAdminReadsTheNewestStateWhileTheActorIsOpen() {
    var store = disk.open();
    var state = store.open(actor("a"));
    state.commit(put("k", "1")).join();
    store.checkpoint();
    var unused = state.commit(put("k", "2"));
    unused = state.commit(put("l", "3"));
    assertEquals(
        List.of("2", "3"),
        store.read(actor("a"), KeyRange.ALL).stream()
            .map(Entry::value)
            .map(StoreFixture::text)
            .toList());
    assertEquals(List.of(), store.read(actor("nobody"), KeyRange.ALL));
  }

  @Test
  void actorsAreListedByTheBytesOfTheirNamesFromMemoryAndCatalogAlike() {
    var store = disk.open();
    for (var name : List.of("b", "a", "\uD83D\uDE00", "\uFFEE", "ab")) {
      try (var state = store.open(actor(name))) {
        state.commit(put("k", name)).join();
      }
      if (name.equals("a")) {
        store.checkpoint();
      }
    }
    var names = store.list("test", "", null, 10).stream().map(a -> a.id().name()).toList();
    assertEquals(List.of("a", "ab", "b", "\uFFEE", "\uD83D\uDE00"), names);
    assertEquals(
        List.of("ab"), store.list("test", "a", "a", 10).stream().map(a -> a.id().name()).toList());
    assertEquals(
        List.of("ab", "b"),
        store.list("test", "", "a", 2).stream().map(a -> a.id().name()).toList());
    assertEquals(List.of(), store.list("tes", "", null, 10));
    store.checkpoint();
    assertEquals(names, store.list("test", "", null, 10).stream().map(a -> a.id().name()).toList());
  }

  @Test
  void alarmsAreFoundWhereverTheyAre() {
    var store = disk.open();
    for (int i = 0; i < 5; i++) {
      try (var state = store.open(actor("a" + i))) {
        state.commit(alarm(100 - i)).join();
      }
      if (i == 2) {
        store.checkpoint();
      }
    }
    try (var state = store.open(actor("a0"))) {
      state.commit(noAlarm()).join();
    }
    try (var state = store.open(actor("a1"))) {
      state.commit(alarm(500)).join();
    }
    assertEquals(
        List.of(new DueAlarm(actor("a4"), 96), new DueAlarm(actor("a3"), 97)),
        store.alarmsDue(97, 10));
    var all =
        List.of(
            new DueAlarm(actor("a4"), 96),
            new DueAlarm(actor("a3"), 97),
            new DueAlarm(actor("a2"), 98),
            new DueAlarm(actor("a1"), 500));
    assertEquals(all, store.alarmsDue(1000, 10));
    assertEquals(all.subList(0, 2), store.alarmsDue(1000, 2));
    disk.crash();
    var again = disk.open();
    assertEquals(all, again.alarmsDue(1000, 10));
    again.checkpoint();
    assertEquals(all, again.alarmsDue(1000, 10));
  }

  @Test
  void aCatalogThatIsLostIsRebuiltFromTheActorFiles() throws Exception {
    var store = disk.open();
    for (int i = 0; i < 20; i++) {
      try (var state = store.open(actor("a" + i))) {
        state.commit(put("k", "v" + i)).join();
        state.commit(alarm(i)).join();
      }
    }
    var actors = store.list("test", "", null, 100);
    store.close();
    Files.write(disk.directory().resolve("catalog.mv.db"), new byte[20000]);
    var again = disk.open();
    assertEquals(actors, again.list("test", "", null, 100));
    assertEquals(20, again.alarmsDue(100, 100).size());
    assertTrue(Files.exists(disk.directory().resolve("catalog.mv.db.damaged-1")));
    assertEquals(
        Optional.of(new StoredActor(actor("a7"), 3, Optional.of(Alarm.at(7)))),
        again.find(actor("a7")));
  }

  @Test
  void aCatalogThatIsHitWhileItIsUsedIsRebuiltByTheNextCheckpoint() throws Exception {
    var store = disk.open();
    for (int i = 0; i < 400; i++) {
      try (var state = store.open(actor("a" + i))) {
        var unused = state.commit(put("k", "v" + i));
      }
    }
    store.close();
    var catalog = disk.directory().resolve("catalog.mv.db");
    var bytes = Files.readAllBytes(catalog);
    for (int at = 9000; at < bytes.length - 9000; at += 50) {
      bytes[at] ^= 1;
    }
    Files.write(catalog, bytes);
    var again = disk.open();
    try {
      again.list("test", "", null, 1000);
    } catch (InternalFault fault) {
      assertTrue(fault.getMessage().contains("being rebuilt"), fault.getMessage());
    }
    again.checkpoint();
    assertEquals(400, again.list("test", "", null, 1000).size());
    assertEquals("v399", text(again.open(actor("a399")).get(key("k"))));
  }

  @Test
  void aSecondServerOnTheSameDirectoryIsRefused() {
    disk.open();
    var fault = assertThrows(InternalFault.class, () -> disk.open());
    assertTrue(fault.getMessage().contains("another server uses the data directory"));
    assertFalse(fault.getMessage().contains("\n"));
  }

  @Test
  void aDirectoryOfAnotherFormatIsRefused() throws Exception {
    disk.open().close();
    Files.writeString(disk.directory().resolve("FORMAT"), "dormouse data, format 9\n");
    var fault = assertThrows(InternalFault.class, () -> disk.open());
    assertTrue(fault.getMessage().contains("format 9"), fault.getMessage());
  }

  @Test
  void openFilesAreBounded() {
    var store = disk.open(disk.options().withOpenFiles(4));
    for (int i = 0; i < 40; i++) {
      try (var state = store.open(actor("a" + i))) {
        var unused = state.commit(put("k", "v" + i));
      }
    }
    store.checkpoint();
    for (int i = 0; i < 40; i++) {
      try (var state = store.open(actor("a" + i))) {
        assertEquals("v" + i, text(state.get(key("k"))));
        assertTrue(store.stats().openFiles() <= 4);
      }
    }
  }

  @Test
  void anActorIsOpenOnce() {
    var store = disk.open();
    store.open(actor("a"));
    assertThrows(IllegalStateException.class, () -> store.open(actor("a")));
    assertThrows(IllegalStateException.class, () -> store.delete(actor("a")));
  }

  @Test
  void aFileDoesNotGrowWithTheNumberOfItsCommits() throws Exception {
    var store = disk.open();
    var state = store.open(actor("a"));
    for (int i = 0; i < 300; i++) {
      state.commit(put("k", "v" + i)).join();
      store.checkpoint();
    }
    assertTrue(
        Files.size(ActorFile.path(disk.directory().resolve("actors"), actor("a").hex())) < 1 << 20);
    assertEquals("v299", text(state.get(key("k"))));
  }
}
