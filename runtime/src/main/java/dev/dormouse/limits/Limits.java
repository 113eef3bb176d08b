package dev.dormouse.limits;

import java.time.Duration;

/**
 * What one actor, and one request to it, may take. A namespace's limits are the server's, unless
 * the server's configuration says otherwise for it; an app's manifest may lower them, never raise
 * them. All are inclusive maxima.
 *
 * @param fuelPerTurn fuel units for one turn, the {@code start} export included
 * @param turnWall wall-clock time of one turn
 * @param memoryBytes linear memory of an instance; whole pages of 64 KiB count
 * @param stackBytes call-depth budget in the rewriter's stack units (see docs on fuel)
 * @param moduleBytes size of an uploaded module
 * @param mailboxEvents events that wait for one actor
 * @param mailboxBytes bytes of the events that wait for one actor
 * @param connectionsPerActor open connections of one actor
 * @param keyBytes a storage key
 * @param valueBytes a storage value
 * @param storageBytes keys and values of one actor
 * @param turnWriteBytes keys and values that one turn writes
 * @param turnReadBytes bytes that one call of list or get-many answers
 * @param frameBytes a WebSocket message, either way
 * @param bodyBytes an HTTP body, either way
 * @param outboundBytes bytes that wait for one slow client before its connection is closed
 * @param turnSendBytes bytes that one turn sends, a broadcast counted once
 * @param requestTime from the arrival of a request until its answer must be there
 * @param idleSleep how long an actor without events stays awake
 * @param idleCompact how long an actor without events keeps all of its memory at hand: then what it
 *     has in common with others is held once for all of them; not shorter than idleSleep means that
 *     it always keeps it
 */
public record Limits(
    long fuelPerTurn,
    Duration turnWall,
    long memoryBytes,
    int stackBytes,
    long moduleBytes,
    int mailboxEvents,
    long mailboxBytes,
    int connectionsPerActor,
    int keyBytes,
    int valueBytes,
    long storageBytes,
    long turnWriteBytes,
    long turnReadBytes,
    int frameBytes,
    int bodyBytes,
    long outboundBytes,
    long turnSendBytes,
    Duration requestTime,
    Duration idleSleep,
    Duration idleCompact) {

  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;

  /** The defaults of the contract. */
  public static final Limits DEFAULTS =
      new Limits(
          1_000_000_000L,
          Duration.ofSeconds(30),
          128 * MIB,
          (int) (20 * MIB),
          64 * MIB,
          1_024,
          16 * MIB,
          32_768,
          (int) (2 * KIB),
          (int) (2 * MIB),
          1024 * MIB,
          32 * MIB,
          32 * MIB,
          (int) (32 * MIB),
          (int) (32 * MIB),
          16 * MIB,
          64 * MIB,
          Duration.ofSeconds(35),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5));
}
