package dev.dormouse.storage.h2;

import dev.dormouse.storage.journal.JournalStats;

/**
 * What a store did since it was opened.
 *
 * @param openFiles actor files open now
 * @param fileOpens how often an actor file was opened
 * @param pendingActors actors whose newest state is not in their file yet
 * @param checkpoints checkpoints that came through
 * @param failedCheckpoints checkpoints that left something for later
 * @param checkpointNanos how long the last one took
 * @param applied how often an actor's file was brought up to date
 * @param rewritten how often an actor's file was rewritten smaller
 * @param damagedActors actors that are known to be damaged
 */
public record StoreStats(
    JournalStats journal,
    int openFiles,
    long fileOpens,
    int pendingActors,
    long checkpoints,
    long failedCheckpoints,
    long checkpointNanos,
    long applied,
    long rewritten,
    int damagedActors) {}
