package dev.dormouse.storage.journal;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a journal is kept.
 *
 * @param directory where the segments are
 * @param segmentBytes size of a segment; a larger one is made for a record that does not fit
 * @param queueBytes bytes of records that wait for the disk
 * @param maxBytes bytes in segments that are not freed yet; beyond, commits wait and are then
 *     refused
 * @param checkpointBytes bytes written since the last checkpoint that ask for the next
 * @param maxDelay how long a commit waits for room before it is refused
 * @param reserveBytes free space on the disk that a new segment leaves to others
 */
public record JournalOptions(
    Path directory,
    long segmentBytes,
    long queueBytes,
    long maxBytes,
    long checkpointBytes,
    Duration maxDelay,
    long reserveBytes) {

  public JournalOptions {
    if (segmentBytes < 64 * 1024 || segmentBytes % Layout.BLOCK != 0) {
      throw new IllegalArgumentException(
          "a segment has a multiple of 4 KiB and at least 64 KiB, not " + segmentBytes);
    }
  }
}
