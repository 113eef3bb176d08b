package dev.dormouse.storage.journal;

/**
 * What a journal did since it was opened.
 *
 * @param records records that became durable
 * @param batches batches that became durable, each with one flush
 * @param failedBatches batches whose commits failed
 * @param largestBatch most records in one batch
 * @param flushNanos time spent in writing and flushing
 * @param bytesWritten bytes of batches, whole blocks counted
 * @param bytes bytes in segments that are not freed
 * @param queuedBytes bytes of records that wait for the disk
 * @param refused commits refused because the journal was full
 */
public record JournalStats(
    long records,
    long batches,
    long failedBatches,
    int largestBatch,
    long flushNanos,
    long bytesWritten,
    long bytes,
    long queuedBytes,
    long refused) {}
