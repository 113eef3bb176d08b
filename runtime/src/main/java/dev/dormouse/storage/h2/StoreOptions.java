package dev.dormouse.storage.h2;

import dev.dormouse.storage.journal.JournalOptions;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How state is kept on disk.
 *
 * @param directory the data directory; made where it is missing
 * @param segmentBytes size of a journal segment, a multiple of 4 KiB
 * @param queueBytes bytes of commits that wait for the disk
 * @param maxJournalBytes journal that actor files do not hold yet; beyond, commits wait and are
 *     then refused. It bounds the memory for such commits too
 * @param checkpointBytes journal written since the last checkpoint that starts the next
 * @param idleCheckpoint without a commit for so long, files are brought up to date
 * @param checkpointAge after so long, they are in any case
 * @param maxDelay how long a commit waits for room in the journal before it is refused
 * @param reserveBytes free space on the disk that a new journal segment leaves for actor files
 * @param openFiles most actor files open at the same time
 * @param checkpointThreads threads that bring files up to date
 */
public record StoreOptions(
    Path directory,
    long segmentBytes,
    long queueBytes,
    long maxJournalBytes,
    long checkpointBytes,
    Duration idleCheckpoint,
    Duration checkpointAge,
    Duration maxDelay,
    long reserveBytes,
    int openFiles,
    int checkpointThreads) {
  private static final long MIB = 1 << 20;

  /** The defaults for a data directory. */
  public static StoreOptions in(Path directory) {
    return new StoreOptions(
        directory,
        64 * MIB,
        64 * MIB,
        512 * MIB,
        128 * MIB,
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        64 * MIB,
        256,
        4);
  }

  /** The same with a small journal, for tests and tiny machines. */
  public StoreOptions withJournal(long segment, long max, long checkpoint) {
    return new StoreOptions(
        directory,
        segment,
        queueBytes,
        max,
        checkpoint,
        idleCheckpoint,
        checkpointAge,
        maxDelay,
        Math.min(reserveBytes, segment),
        openFiles,
        checkpointThreads);
  }

  public StoreOptions withOpenFiles(int files) {
    return new StoreOptions(
        directory,
        segmentBytes,
        queueBytes,
        maxJournalBytes,
        checkpointBytes,
        idleCheckpoint,
        checkpointAge,
        maxDelay,
        reserveBytes,
        files,
        checkpointThreads);
  }

  public StoreOptions withMaxDelay(Duration delay) {
    return new StoreOptions(
        directory,
        segmentBytes,
        queueBytes,
        maxJournalBytes,
        checkpointBytes,
        idleCheckpoint,
        checkpointAge,
        delay,
        reserveBytes,
        openFiles,
        checkpointThreads);
  }

  JournalOptions journal() {
    return new JournalOptions(
        directory.resolve("journal"),
        segmentBytes,
        queueBytes,
        maxJournalBytes,
        checkpointBytes,
        maxDelay,
        reserveBytes);
  }
}
