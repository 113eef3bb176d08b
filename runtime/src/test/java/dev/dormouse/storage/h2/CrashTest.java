package dev.dormouse.storage.h2;

import static dev.dormouse.storage.h2.StoreFixture.actor;
import static dev.dormouse.storage.h2.StoreFixture.key;
import static dev.dormouse.storage.h2.StoreFixture.put;
import static dev.dormouse.storage.h2.StoreFixture.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.journal.JournalReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a crash may leave is taken; what a disk must not do is told. */
@Tag("slow")
class CrashTest {
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

  /** Commits "k" = 0, 1, … to actors in turn, each in a batch of its own. */
  private void fill(H2Store store, int actors, int rounds) {
    for (int i = 0; i < rounds; i++) {
      for (int a = 0; a < actors; a++) {
        try (var state = store.open(actor("a" + a))) {
          state.commit(put("k", "round" + i)).join();
        }
      }
    }
  }

  private List<JournalReader.Batch> batches() throws IOException {
    return JournalReader.list(disk.directory().resolve("journal")).getLast().batches();
  }

  private Path segment() throws IOException {
    return JournalReader.segments(disk.directory().resolve("journal")).getLast();
  }

  private static void flip(Path file, long offset) throws IOException {
    try (var f = new RandomAccessFile(file.toFile(), "rw")) {
      f.seek(offset);
      int was = f.read();
      f.seek(offset);
      f.write(was ^ 0x40);
    }
  }

  @Test
  void whateverHappensBehindTheLastAcknowledgedBatchIsDropped() throws Exception {
    fill(disk.open(), 3, 3);
    long end = JournalReader.list(disk.directory().resolve("journal")).getLast().end();
    var random = new Random(7);
    var whole = disk.crash();
    for (int round = 0; round < 30; round++) {
      disk.restoreFrom(whole);
      try (var f = new RandomAccessFile(segment().toFile(), "rw")) {
        if (round % 3 == 0) {
          f.setLength(end + random.nextInt(9000));
        } else {
          var garbage = new byte[random.nextInt(20_000)];
          random.nextBytes(garbage);
          f.seek(end + random.nextInt(5000));
          f.write(garbage);
        }
      }
      try (var store = disk.open()) {
        for (int a = 0; a < 3; a++) {
          try (var state = store.open(actor("a" + a))) {
            assertEquals("round2", text(state.get(key("k"))));
          }
        }
      }
    }
  }

  @Test
  void aTornLastBatchIsDroppedAndEverythingBeforeItIsKept() throws Exception {
    var store = disk.open();
    fill(store, 3, 2);
    var unused = store.open(actor("a0")).commit(put("k", "torn"));
    unused.join();
    var last = batches().getLast();
    var whole = disk.crash();
    for (long length = 0; length <= last.bytes(); length += length < 300 ? 7 : 509) {
      disk.restoreFrom(whole);
      try (var f = new RandomAccessFile(segment().toFile(), "rw")) {
        // What follows the batch is the mark of its end, which a torn batch does not have.
        f.setLength(last.offset() + length);
        f.setLength(256 << 10);
      }
      try (var again = disk.open()) {
        try (var state = again.open(actor("a0"))) {
          var found = text(state.get(key("k")));
          int record = last.records().getFirst().bytes();
          // A record that lacks but its closing tag may be taken: all of its payload is there.
          if (length >= 64 + record) {
            assertEquals("torn", found);
          } else if (length < 64 + record / 2 || !"torn".equals(found)) {
            assertEquals("round1", found, "cut to " + length + " bytes");
          }
        }
        try (var state = again.open(actor("a2"))) {
          assertEquals("round1", text(state.get(key("k"))));
        }
      }
    }
  }

  @Test
  void aFlippedByteInARecordNamesItsActorAndTheOthersServe() throws Exception {
    fill(disk.open(), 4, 3);
    var hit = batches().get(9); // The last record of a1; a2 and a3 follow.
    var record = hit.records().getFirst();
    assertEquals(actor("a1"), record.id());
    var whole = disk.crash();
    int refused = 0;
    for (long at = hit.offset(); at < hit.offset() + 64 + record.bytes(); at += 2) {
      disk.restoreFrom(whole);
      flip(segment(), at);
      try (var store = disk.open()) {
        for (int a : new int[] {0, 2, 3}) {
          try (var state = store.open(actor("a" + a))) {
            assertEquals("round2", text(state.get(key("k"))));
          }
        }
        try (var state = store.open(actor("a1"))) {
          assertEquals("round2", text(state.get(key("k"))), "never an older state");
        } catch (InternalFault fault) {
          refused++;
          assertEquals(Code.STORAGE_FAILED, fault.code());
          assertTrue(fault.getMessage().contains("test/a1"), fault.getMessage());
          assertTrue(fault.getMessage().contains(".seg"), fault.getMessage());
        }
      }
    }
    assertTrue(refused >= 10, "the payload's bytes must be missed: " + refused);
  }

  @Test
  void aDamagedActorStaysRefusedAfterCheckpointsAndRestartsUntilItIsDeleted() throws Exception {
    fill(disk.open(), 2, 2);
    var hit = batches().get(2);
    disk.crash();
    flip(segment(), hit.offset() + 64 + hit.records().getFirst().bytes() / 2);
    for (int restart = 0; restart < 3; restart++) {
      try (var store = disk.open()) {
        store.checkpoint();
        assertThrows(InternalFault.class, () -> store.open(actor("a0")));
        assertThrows(InternalFault.class, () -> store.read(actor("a0"), KeyRange.ALL));
        try (var state = store.open(actor("a1"))) {
          assertEquals("round1", text(state.get(key("k"))));
        }
      }
    }
    try (var store = disk.open()) {
      store.delete(actor("a0")).join();
      store.checkpoint();
      try (var state = store.open(actor("a0"))) {
        assertEquals(List.of(), state.list(KeyRange.ALL, 1000));
        state.commit(put("k", "new")).join();
      }
    }
    try (var state = disk.open().open(actor("a0"))) {
      assertEquals("new", text(state.get(key("k"))));
    }
  }

  @Test
  void aCrashWithoutDamageLeavesNothingAside() throws Exception {
    for (int round = 0; round < 3; round++) {
      var store = disk.open();
      fill(store, 3, 2);
      disk.crash();
      disk.open().checkpoint();
      try (var aside = Files.list(disk.directory().resolve("damaged"))) {
        assertEquals(0, aside.count());
      }
      disk.crash();
    }
  }

  @Test
  void damageThatAFileHadOvertakenHurtsNobody() throws Exception {
    var store = disk.open();
    fill(store, 2, 2);
    var hit = batches().get(2);
    store.checkpoint();
    fill(store, 2, 4);
    disk.crash();
    flip(segment(), hit.offset() + 64 + hit.records().getFirst().bytes() / 2);
    try (var again = disk.open();
        var state = again.open(actor("a0"))) {
      assertEquals("round3", text(state.get(key("k"))));
    }
  }

  @Test
  void aLostBatchShowsAsAGapOfItsActor() throws Exception {
    fill(disk.open(), 2, 3);
    var lost = batches().get(2); // a0's second of three
    disk.crash();
    try (var f = new RandomAccessFile(segment().toFile(), "rw")) {
      f.seek(lost.offset());
      f.write(new byte[(int) lost.bytes()]);
    }
    try (var store = disk.open()) {
      var fault = assertThrows(InternalFault.class, () -> store.open(actor("a0")));
      assertTrue(fault.getMessage().contains("test/a0"), fault.getMessage());
      try (var state = store.open(actor("a1"))) {
        assertEquals("round2", text(state.get(key("k"))));
      }
    }
  }

  @Test
  void anActorFileThatIsHitNeverAnswersWrongBytes() throws Exception {
    var store = disk.open();
    var value = "0123456789".repeat(30);
    try (var state = store.open(actor("a0"))) {
      for (int i = 0; i < 300; i++) {
        var unused = state.commit(put("key" + i, i + value));
      }
    }
    fill(store, 2, 1);
    store.close();
    var file = ActorFile.path(disk.directory().resolve("actors"), actor("a0").hex());
    var bytes = Files.readAllBytes(file);
    var random = new Random(3);
    int refused = 0;
    for (int round = 0; round < 60; round++) {
      Files.write(file, bytes);
      if (round % 6 == 0) {
        try (var f = new RandomAccessFile(file.toFile(), "rw")) {
          f.setLength(random.nextInt(bytes.length));
        }
      } else {
        flip(file, random.nextInt(bytes.length));
      }
      try (var again = disk.open()) {
        try (var state = again.open(actor("a0"))) {
          for (int i = 0; i < 300; i++) {
            assertEquals(i + value, text(state.get(key("key" + i))));
          }
        } catch (InternalFault fault) {
          refused++;
          assertEquals(Code.STORAGE_FAILED, fault.code());
          assertTrue(fault.getMessage().contains("test/a0"), fault.getMessage());
          assertTrue(fault.getMessage().contains(file.toString()), fault.getMessage());
        }
        try (var state = again.open(actor("a1"))) {
          assertEquals("round0", text(state.get(key("k"))));
        }
      }
      assertTrue(Files.exists(file));
    }
    assertTrue(refused > 20, "hits must show: " + refused);
  }

  @Test
  void aMissingActorFileIsDamageAndNotAnEmptyActor() throws Exception {
    var store = disk.open();
    fill(store, 2, 1);
    store.close();
    Files.delete(ActorFile.path(disk.directory().resolve("actors"), actor("a0").hex()));
    try (var again = disk.open()) {
      var fault = assertThrows(InternalFault.class, () -> again.open(actor("a0")));
      assertTrue(fault.getMessage().contains("missing"), fault.getMessage());
      assertFalse(again.list("test", "", null, 10).isEmpty());
    }
  }
}
