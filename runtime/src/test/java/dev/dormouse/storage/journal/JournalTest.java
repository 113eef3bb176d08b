package dev.dormouse.storage.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.journal.JournalReader.Whole;
import dev.dormouse.time.SystemTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir Path directory;
  private final SystemTime time = new SystemTime();
  private final List<Journal> opened = new ArrayList<>();

  private final class Disk {
    volatile boolean failWrites;
    volatile boolean failForces;
    volatile boolean noSpace;
    volatile CountDownLatch hold = new CountDownLatch(0);

    SegmentFile open(Path path) throws IOException {
      if (noSpace) {
        throw new IOException(SegmentPool.NO_SPACE);
      }
      return new SegmentFile(path) {
        @Override
        void write(ByteBuffer from, long position) throws IOException {
          if (failWrites) {
            throw new IOException("the disk is on fire");
          }
          super.write(from, position);
        }

        @Override
        void force() throws IOException {
          try {
            assertTrue(hold.await(60, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          if (failForces) {
            throw new IOException("the disk is on fire");
          }
          super.force();
        }
      };
    }
  }

  private static final class Waiting extends PendingRecord {
    final CompletableFuture<Long> done = new CompletableFuture<>();
    volatile boolean abandon;

    Waiting(String actor, String payload) {
      super(new ActorId("test", actor), Kind.WRITE, payload.getBytes(StandardCharsets.UTF_8), 0);
    }

    @Override
    protected void becameDurable() {}

    @Override
    protected void finished() {
      done.complete(lsn());
    }

    @Override
    protected void failed(Fault fault) {
      done.completeExceptionally(fault);
    }

    @Override
    protected boolean abandoned() {
      return abandon;
    }
  }

  private JournalOptions options() {
    return new JournalOptions(
        directory, 64 << 10, 1 << 20, 2 << 20, 1 << 20, Duration.ofMillis(200), 0);
  }

  private Journal open(Disk disk) throws IOException {
    var found = JournalReader.read(directory, f -> {});
    var journal = new Journal(options(), found, found.lastLsn() + 1, time, () -> {}, disk::open);
    opened.add(journal);
    return journal;
  }

  private static Waiting append(Journal journal, String actor, String payload) {
    var record = new Waiting(actor, payload);
    journal.reserve(2000 + payload.length());
    journal.append(record, 2000 + payload.length());
    return record;
  }

  private List<String> read() throws IOException {
    var payloads = new ArrayList<String>();
    JournalReader.read(
        directory,
        found ->
            payloads.add(
                new String(
                    assertInstanceOf(Whole.class, found).payload(), StandardCharsets.UTF_8)));
    return payloads;
  }

  @AfterEach
  void close() {
    opened.forEach(Journal::close);
    time.close();
  }

  @Test
  void clientsThatEachWaitForTheirCommitAreAllServedTogetherAndAlone() throws Exception {
    var journal = open(new Disk());
    try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<?>>();
      for (int client = 0; client < 5; client++) {
        int number = client;
        running.add(
            clients.submit(
                () -> {
                  // The last of them goes on alone.
                  for (int i = 0; i <= 20 * (number + 1); i++) {
                    append(journal, "a" + number, number + "/" + i).done.join();
                  }
                }));
      }
      for (var client : running) {
        client.get(60, TimeUnit.SECONDS);
      }
    }
    for (int client = 0; client < 5; client++) {
      var mine = client + "/";
      assertEquals(
          IntStream.rangeClosed(0, 20 * (client + 1)).mapToObj(i -> mine + i).toList(),
          read().stream().filter(payload -> payload.startsWith(mine)).toList());
    }
  }

  @Test
  void aSegmentAsksForTheNextOneOnce() throws Exception {
    var found = JournalReader.read(directory, f -> {});
    try (var writer = new BatchWriter(options(), SegmentFile::new, found, 0)) {
      long lsn = 0;
      while (!writer.needsSpare()) {
        writer.write(List.of(numbered(++lsn)));
        assertTrue(lsn < 100, "no spare is asked for");
      }
      writer.prepareSpare();
      long bytes = writer.bytes();
      while (writer.bytes() == bytes) {
        assertFalse(writer.needsSpare());
        writer.write(List.of(numbered(++lsn)));
      }
    }
  }

  private static PendingRecord numbered(long lsn) {
    var record = new Waiting("a", "x".repeat(3000));
    record.assign(lsn);
    return record;
  }

  @Test
  void recordsComeBackInOrder() throws Exception {
    var journal = open(new Disk());
    var expected = new ArrayList<String>();
    for (int i = 0; i < 300; i++) {
      expected.add("payload " + i + "x".repeat(i * 7 % 900));
      append(journal, "a" + i % 7, expected.getLast()).done.join();
    }
    assertEquals(expected, read());
    journal.close();
    var again = open(new Disk());
    expected.add("after");
    assertEquals(301, append(again, "a", "after").done.join());
    assertEquals(expected, read());
  }

  @Test
  void commitsThatComeWhileTheDiskWorksShareOneFlush() throws Exception {
    var disk = new Disk();
    var journal = open(disk);
    append(journal, "a", "first").done.join();
    disk.hold = new CountDownLatch(1);
    var held = append(journal, "a", "second");
    var records = new ArrayList<Waiting>();
    for (int i = 0; i < 100; i++) {
      records.add(append(journal, "a" + i, "p"));
    }
    disk.hold.countDown();
    held.done.join();
    records.forEach(r -> r.done.join());
    // "second" was alone or took some along; all that came after its flush began shared one.
    assertTrue(journal.stats().batches() <= 4, journal.stats().toString());
    assertEquals(102, journal.stats().records());
    assertTrue(journal.stats().largestBatch() >= 50, journal.stats().toString());
  }

  @Test
  void aFailedFlushFailsItsCommitsAndTheNextOnesGoToANewSegment() throws Exception {
    var disk = new Disk();
    var journal = open(disk);
    append(journal, "a", "kept").done.join();
    disk.failForces = true;
    var failed = append(journal, "a", "failed");
    var error = assertThrows(CompletionException.class, failed.done::join);
    var fault = assertInstanceOf(InternalFault.class, error.getCause());
    assertEquals(Code.STORAGE_FAILED, fault.code());
    assertEquals(List.of("kept"), read().subList(0, 1));
    disk.failForces = false;
    append(journal, "a", "next").done.join();
    assertEquals(List.of("kept", "next"), read());
    assertEquals(2, JournalReader.segments(directory).size());
    assertEquals(1, journal.stats().failedBatches());
  }

  @Test
  void aFailedWriteFailsItsCommitsAndIsNotFoundLater() throws Exception {
    var disk = new Disk();
    var journal = open(disk);
    append(journal, "a", "kept").done.join();
    disk.failWrites = true;
    assertThrows(CompletionException.class, append(journal, "a", "failed").done::join);
    assertThrows(CompletionException.class, append(journal, "a", "failed").done::join);
    disk.failWrites = false;
    append(journal, "a", "next").done.join();
    assertEquals(List.of("kept", "next"), read());
  }

  @Test
  void whereNoSegmentCanBeMadeCommitsAnswerStorageFullUntilThereIsRoom() throws Exception {
    var disk = new Disk();
    var journal = open(disk);
    disk.noSpace = true;
    var error = assertThrows(CompletionException.class, append(journal, "a", "x").done::join);
    assertEquals(Code.STORAGE_FULL, assertInstanceOf(ResourceFault.class, error.getCause()).code());
    disk.noSpace = false;
    append(journal, "a", "y").done.join();
    assertEquals(List.of("y"), read());
  }

  @Test
  void anAbandonedRecordFailsAndDoesNotComeToDisk() throws Exception {
    var disk = new Disk();
    var journal = open(disk);
    append(journal, "a", "first").done.join();
    disk.hold = new CountDownLatch(1);
    append(journal, "a", "second");
    var third = append(journal, "a", "third");
    var fourth = append(journal, "b", "fourth");
    third.abandon = true;
    disk.hold.countDown();
    assertThrows(CompletionException.class, third.done::join);
    fourth.done.join();
    assertEquals(List.of("first", "second", "fourth"), read());
  }

  @Test
  void aRecordLargerThanASegmentGetsOneOfItsOwn() throws Exception {
    var journal =
        new Journal(
            new JournalOptions(
                directory, 64 << 10, 64 << 20, 64 << 20, 64 << 20, Duration.ofSeconds(1), 0),
            new JournalReader.Summary(0, 0, 0),
            1,
            time,
            () -> {});
    opened.add(journal);
    var large = "large".repeat(1_000_000);
    append(journal, "a", "small").done.join();
    append(journal, "a", large).done.join();
    append(journal, "a", "small again").done.join();
    assertEquals(List.of("small", large, "small again"), read());
  }

  @Test
  void aFullJournalRefusesAndGoesOnWhenItIsFreed() throws Exception {
    var journal = open(new Disk());
    var filler = "x".repeat(30_000);
    var fault =
        assertThrows(
            InternalFault.class,
            () -> {
              for (int i = 0; i < 100; i++) {
                append(journal, "a", filler).done.join();
              }
            });
    assertEquals(Code.STORAGE_FAILED, fault.code());
    assertTrue(journal.stats().bytes() <= options().maxBytes() + (64 << 10));
    journal.free(journal.durableLsn() + 1, 0, directory);
    append(journal, "a", "goes on").done.join();
    assertEquals("goes on", read().getLast());
  }

  @Test
  void bytesOfAnEarlierLifeOfASegmentAreNotTakenForThisOnes() throws Exception {
    var journal = open(new Disk());
    for (int life = 0; life < 20; life++) {
      for (int i = 0; i < 25; i++) {
        append(journal, "a", life + "." + i + "x".repeat(100)).done.join();
      }
      journal.free(journal.durableLsn() + 1, 0, directory);
      var kept = read();
      for (int i = 0; i < kept.size(); i++) {
        assertEquals(
            life + "." + (25 - kept.size() + i) + "x".repeat(100), kept.get(i), "in order");
      }
    }
    try (var files = Files.list(directory)) {
      assertTrue(files.count() <= 4, "freed segments are used again");
    }
  }

  @Test
  void aFreedSegmentIsKeptAsideWhereADamagedActorNeedsIt() throws Exception {
    var journal = open(new Disk());
    for (int i = 0; i < 40; i++) {
      append(journal, "a", "x".repeat(3000)).done.join();
    }
    var oldest = JournalReader.segments(directory).getFirst();
    var bytes = Files.readAllBytes(oldest);
    var aside = Files.createDirectories(directory.resolve("aside"));
    journal.free(journal.durableLsn() + 1, 1, aside);
    try (var files = Files.list(aside)) {
      var kept = files.toList();
      assertEquals(1, kept.size());
      assertArrayEquals(bytes, Files.readAllBytes(kept.getFirst()));
    }
  }
}
