package dev.dormouse.gateway;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.time.TimeSource;
import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.CloseConnectionException;

/**
 * The requests that come by a connection, as Helidon reads them: how long each part may take, and
 * how many bytes of bodies are held.
 *
 * <p>For the connection's own thread, but for {@link #isIdle}, which any may ask.
 */
final class RequestStream {
  private enum Phase {
    IDLE,
    HEAD,
    BODY,
    BUSY
  }

  private final Wire wire;
  private final Inbound inbound;
  private final Pace pace;
  private final TimeSource time;
  private final DataReader reader = new DataReader(this::pull);
  private volatile Phase phase = Phase.IDLE;

  private long headDeadline;
  private long bodyStartNanos;
  private long bodyBytes;
  private long undeliveredBytes;
  private long undeliveredLimit;

  RequestStream(Wire wire, Listener listener) {
    this.wire = wire;
    this.inbound = listener.inbound();
    this.pace = listener.pace();
    this.time = listener.time();
  }

  DataReader reader() {
    return reader;
  }

  /** Whether no request has come whole enough to be answered. */
  boolean isIdle() {
    return phase == Phase.IDLE || phase == Phase.HEAD;
  }

  void begins() {
    phase = Phase.BUSY;
  }

  /**
   * @param last whether none follows
   */
  void ends(boolean last) {
    if (bodyBytes > 0) {
      inbound.give(bodyBytes);
      bodyBytes = 0;
    }
    phase = last ? Phase.BUSY : Phase.IDLE;
  }

  /**
   * @param limit bytes that may wait inside Helidon before they are {@link #delivered}
   */
  void bodyBegins(long limit) {
    bodyStartNanos = time.nanos();
    undeliveredBytes = 0;
    undeliveredLimit = limit + Wire.SLICE;
    phase = Phase.BODY;
  }

  void delivered() {
    undeliveredBytes = 0;
  }

  void bodyEnds() {
    phase = Phase.BUSY;
  }

  private byte[] pull() {
    var at = phase;
    long now = time.nanos();
    byte[] bytes =
        wire.readBy(
            switch (at) {
              case IDLE -> now + pace.keepAlive().toNanos();
              case HEAD -> headDeadline;
              // A second for each 64 KiB is what the slowest honest client is taken to need.
              case BODY ->
                  bodyStartNanos + pace.body().toNanos() + (bodyBytes >> 16) * 1_000_000_000L;
              case BUSY -> now + pace.close().toNanos();
            });
    if (bytes == null) {
      // Helidon would log the end of the stream inside a request as a failure of the server.
      throw new CloseConnectionException("the client has gone");
    }
    if (at == Phase.IDLE) {
      headDeadline = time.nanos() + pace.head().toNanos();
      phase = Phase.HEAD;
    } else if (at == Phase.BODY) {
      count(bytes.length);
    }
    return bytes;
  }

  private void count(int length) {
    undeliveredBytes += length;
    if (undeliveredBytes > undeliveredLimit) {
      throw new UserFault(Code.PAYLOAD_TOO_LARGE, "a chunk of the body is too large");
    }
    if (!inbound.take(length)) {
      throw new ResourceFault(
          Code.OVERLOADED, "too many bytes are being received just now: try again soon");
    }
    bodyBytes += length;
  }
}
