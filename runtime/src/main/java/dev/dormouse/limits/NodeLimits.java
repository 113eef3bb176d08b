package dev.dormouse.limits;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the whole node may take, all namespaces together. All are inclusive maxima, unless said
 * otherwise.
 *
 * @param memoryBytes linear memory of all awake actors; beyond it the longest-idle ones rest, or
 *     sleep
 * @param awakeActors actors that are awake at a time
 * @param openStores actor databases that are open at a time
 * @param journalSegmentBytes size at which the journal starts its next file
 * @param journalBytes journal that may wait to be brought into the actors' databases; beyond it
 *     turns wait
 * @param httpConnections connections of the public listener, WebSockets included
 * @param adminConnections connections of the admin listener
 * @param longTurns turns that compute at the same time after their first slice
 * @param inboundBytes bytes of bodies and frames that are being read, of all connections
 * @param webExchanges requests and WebSockets to the outside that are open at a time
 * @param webExchangesPerNamespace those of one namespace
 * @param webIdleConnections connections to the outside that wait for another request; 0 lets none
 *     wait
 * @param webIdleConnectionsPerOrigin those of one namespace to one origin; 0 lets none wait
 * @param webIdleTime how long such a connection waits before it is closed
 * @param gatewaysPerNamespace instances that answer the public in front of a namespace's actors
 * @param drainTime how long a shutdown waits for turns and clients
 */
public record NodeLimits(
    long memoryBytes,
    int awakeActors,
    int openStores,
    long journalSegmentBytes,
    long journalBytes,
    int httpConnections,
    int adminConnections,
    int longTurns,
    long inboundBytes,
    int webExchanges,
    int webExchangesPerNamespace,
    int webIdleConnections,
    int webIdleConnectionsPerOrigin,
    Duration webIdleTime,
    int gatewaysPerNamespace,
    Duration drainTime) {

  private static final long MIB = 1024 * 1024;

  /** What the disk writes at once. */
  private static final long BLOCK = 4096;

  /** One that is written, one that is emptied, and some that wait. */
  private static final int LEAST_SEGMENTS = 4;

  private static final long LEAST_SEGMENT = 64 * 1024;

  private static final Map<String, Settings.Range> RANGES =
      Map.of(
          "memoryBytes", new Settings.Range(1 * MIB, Long.MAX_VALUE),
          "journalSegmentBytes", new Settings.Range(LEAST_SEGMENT, 1024 * MIB),
          "journalBytes", new Settings.Range(LEAST_SEGMENTS * LEAST_SEGMENT, 1024 * 1024 * MIB),
          "longTurns", new Settings.Range(1, 1024),
          "inboundBytes", new Settings.Range(1 * MIB, Long.MAX_VALUE),
          "webIdleConnections", new Settings.Range(0, 65_536),
          "webIdleConnectionsPerOrigin", new Settings.Range(0, 1_024),
          "webIdleTime", new Settings.Range(1, 3_600_000),
          "drainTime", new Settings.Range(0, 3_600_000));

  /** Defaults for this machine: half of the heap for linear memory, and bounds to fit. */
  public static NodeLimits defaults() {
    var runtime = Runtime.getRuntime();
    long heap = runtime.maxMemory();
    return new NodeLimits(
        Math.max(MIB, heap / 2),
        100_000,
        Math.clamp(heap / (8 * MIB), 16, 4_096),
        64 * MIB,
        512 * MIB,
        65_536,
        256,
        Math.max(1, runtime.availableProcessors() - 1),
        Math.max(64 * MIB, heap / 8),
        1_024,
        256,
        256,
        16,
        Duration.ofSeconds(15),
        2 * runtime.availableProcessors(),
        Duration.ofSeconds(10));
  }

  /**
   * Reads the {@code node} object of the configuration over defaults.
   *
   * @throws SettingsException naming the first mistake
   */
  public static NodeLimits read(String where, @Nullable JsonNode value, NodeLimits base) {
    NodeLimits read = Settings.group(where, value, base, RANGES);
    if (read.journalSegmentBytes % BLOCK != 0) {
      throw new SettingsException(
          where + ".journalSegmentBytes must be a multiple of " + Quantity.showBytes(BLOCK));
    }
    if (read.journalBytes / LEAST_SEGMENTS < read.journalSegmentBytes) {
      throw new SettingsException(
          where
              + ".journalBytes is "
              + Quantity.showBytes(read.journalBytes)
              + ", but must be at least "
              + LEAST_SEGMENTS
              + " times journalSegmentBytes, which is "
              + Quantity.showBytes(read.journalSegmentBytes));
    }
    return read;
  }
}
