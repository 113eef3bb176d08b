package dev.dormouse.gateway;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.GuestFault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.time.TimeSource;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's TCP connection. Helidon reads requests through it, so that every read and write has
 * a deadline, what a client sends is counted, and a stop closes a connection without ever
 * interrupting a thread: an interrupt could reach a thread inside storage and close its files.
 *
 * <p>Owned by the one virtual thread that reads the connection; a WebSocket that is parked has
 * none, until there is something to read. Deadlines are volatile fields that the listener's sweep
 * looks at a few times a second; that costs a request two stores where timers would cost it two
 * turns through a queue. A WebSocket's writer shares only {@link #write}, which it alone calls by
 * then.
 */
final class Wire extends HttpContext {
  private static final Logger LOG = LoggerFactory.getLogger(Wire.class);

  /** What is written at once; a client must take so much in {@link Pace#write}. */
  private static final int SLICE = 64 * 1024;

  /** A client that has sent nothing for so long is taken to have stopped. */
  private static final long QUIET_NANOS = 300_000_000L;

  private static final byte[] NOTHING = new byte[0];

  private enum Phase {
    IDLE,
    HEAD,
    BODY,
    BUSY
  }

  private final ChannelSocket socket;
  private final Listener listener;
  private final Pace pace;
  private final TimeSource time;
  private @Nullable DataReader reader = new DataReader(this::pull);
  private @Nullable ServerConnection http;

  private volatile Phase phase = Phase.IDLE;
  private volatile boolean closed;

  /**
   * When reading is to be over, in {@link TimeSource#nanos}; meaningless while {@code !reading}.
   */
  private volatile long readDeadline;

  private volatile boolean reading;
  private volatile long writeDeadline;
  private volatile boolean writing;
  private volatile @Nullable CompletableFuture<?> awaited;
  private volatile long awaitDeadline;
  private volatile @Nullable WebSocketSession session;

  private long bodyStartNanos;
  private long bodyBytes;
  private long undeliveredBytes;
  private long undeliveredLimit;

  Wire(ChannelSocket socket, Listener listener) {
    super(socket);
    this.socket = socket;
    this.listener = listener;
    this.pace = listener.pace();
    this.time = listener.time();
  }

  /** Serves the connection, on the calling thread, until it is over or parked. */
  void run(ServerConnectionSelector protocol, Limit limit) {
    boolean over = true;
    try {
      serveRequests(protocol, limit);
      over = serveWebSocket();
    } catch (CloseConnectionException e) {
      LOG.debug("a connection was lost: {}", e.getMessage());
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts threads of the server", e);
    } finally {
      if (over) {
        finish();
      }
    }
  }

  /** Goes on with a WebSocket that was parked. */
  private void resume() {
    boolean over = true;
    try {
      over = serveWebSocket();
    } catch (RuntimeException | Error bug) {
      LOG.error("a WebSocket failed inside the gateway", bug);
    } finally {
      if (over) {
        finish();
      }
    }
  }

  /** Whether the connection is over. If not it is parked, and this thread has to leave it alone. */
  private boolean serveWebSocket() {
    var webSocket = session;
    return webSocket == null || webSocket.serve();
  }

  private void finish() {
    closed = true;
    listener.gone(this, socket);
    var webSocket = session;
    if (webSocket != null) {
      webSocket.lost();
    }
  }

  /**
   * Returns when the connection is over, or has become a WebSocket: that one is served from {@link
   * #run}, so that nothing of Helidon's and of the opening request stays on the stack for as long
   * as it is open.
   */
  private void serveRequests(ServerConnectionSelector protocol, Limit limit)
      throws InterruptedException {
    var requests = protocol.connection(this);
    http = requests;
    requests.handle(limit);
    http = null;
  }

  /** Closes the TCP connection at once. May be called from any thread, and more than once. */
  void close() {
    closed = true;
    socket.close();
  }

  /** The current request is the connection's last. */
  void endAfterReply() {
    var protocol = http;
    if (protocol != null) {
      // Not inside the reading of a request, so this only ends Helidon's loop.
      protocol.close(false);
    }
  }

  boolean isClosed() {
    return closed;
  }

  boolean isIdle() {
    return phase == Phase.IDLE || phase == Phase.HEAD;
  }

  Listener listener() {
    return listener;
  }

  // Phases of a request, told by the thread that reads.

  void requestBegins() {
    phase = Phase.BUSY;
  }

  void requestEnds() {
    if (bodyBytes > 0) {
      listener.inbound().give(bodyBytes);
      bodyBytes = 0;
    }
    phase = session == null ? Phase.IDLE : Phase.BUSY;
  }

  /**
   * @param limit bytes that may wait inside Helidon before they are {@link #delivered}
   */
  void bodyBegins(long limit) {
    bodyStartNanos = time.nanos();
    undeliveredBytes = 0;
    undeliveredLimit = limit + SLICE;
    phase = Phase.BODY;
  }

  void delivered() {
    undeliveredBytes = 0;
  }

  void bodyEnds() {
    phase = Phase.BUSY;
  }

  /** The request that ends was the last: from now on the connection is a WebSocket. */
  void becomes(WebSocketSession webSocket) {
    session = webSocket;
  }

  /** What Helidon has read of the stream, but not used. It reads no more after this. */
  byte[] leftOver() {
    var requests = reader;
    reader = null;
    if (requests == null) {
      return NOTHING;
    }
    int length = requests.available();
    return length == 0 ? NOTHING : requests.readBytes(length);
  }

  /**
   * The next bytes of a WebSocket; null at the end of the stream.
   *
   * @throws CloseConnectionException when the connection is lost
   */
  byte @Nullable [] read() {
    try {
      return socket.read();
    } catch (IOException e) {
      throw lostWhileReading(e);
    }
  }

  /** The same, but none when nothing comes for so long. */
  byte @Nullable [] read(Duration patience) {
    try {
      return socket.read(patience);
    } catch (IOException e) {
      throw lostWhileReading(e);
    }
  }

  /**
   * Lets a silent WebSocket wait without a thread. To be called by the thread that serves it, while
   * nobody writes; if it was parked, another one serves it from the next bytes on.
   *
   * @return false when it could not be parked
   */
  boolean park() {
    try {
      return socket.park(listener.parking(), this::wake);
    } catch (IOException e) {
      throw lostWhileReading(e);
    }
  }

  /** Has the WebSocket served by a thread, if it was parked. To be called by that thread. */
  void unpark() {
    try {
      socket.unpark();
    } catch (IOException e) {
      throw lostWhileReading(e);
    }
  }

  private void wake() {
    try {
      Thread.ofVirtual().name("connection").start(this::resume);
    } catch (RuntimeException | Error e) {
      LOG.error("a parked WebSocket is given up, since no thread could be started", e);
      finish();
    }
  }

  private static CloseConnectionException lostWhileReading(IOException e) {
    return new CloseConnectionException("the connection was lost while reading", e);
  }

  /**
   * Drops what the client still sends, until it ends the stream or falls silent, for {@link
   * Pace#close} at most. Closing before would destroy our last words on their way: the answer of
   * TCP to bytes that nobody reads is a reset.
   */
  void linger() {
    long last = time.nanos() + pace.close().toNanos();
    try {
      boolean more = true;
      while (more && !closed) {
        long silent = time.nanos() + QUIET_NANOS;
        readDeadline = silent - last < 0 ? silent : last;
        reading = true;
        more = read() != null;
        reading = false;
      }
    } catch (CloseConnectionException e) {
      // Also an end.
    } finally {
      reading = false;
    }
  }

  /**
   * Writes, by slices that each have {@link Pace#write}. One thread at a time.
   *
   * @throws CloseConnectionException when the connection is lost
   */
  @Override
  void write(byte[] bytes, int from, int length) {
    int at = from;
    int left = length;
    try {
      while (left > 0) {
        int slice = Math.min(left, SLICE);
        writeDeadline = time.nanos() + pace.write().toNanos();
        writing = true;
        socket.write(bytes, at, slice);
        at += slice;
        left -= slice;
      }
    } catch (IOException e) {
      throw new CloseConnectionException("the connection was lost while writing", e);
    } finally {
      writing = false;
    }
  }

  /** The moment after so long. */
  long deadline(Duration patience) {
    return time.nanos() + patience.toNanos();
  }

  /** Waits for an answer that is asked for now. */
  <T> T await(CompletableFuture<T> future, Duration patience) {
    return await(future, deadline(patience));
  }

  /**
   * Waits for an answer of an actor.
   *
   * @param deadlineNanos when the future fails with {@code timeout}, see {@link #deadline}
   * @throws Fault with which the future failed
   */
  <T> T await(CompletableFuture<T> future, long deadlineNanos) {
    awaitDeadline = deadlineNanos;
    awaited = future;
    try {
      return future.join();
    } catch (CompletionException e) {
      throw rethrown(e.getCause());
    } finally {
      awaited = null;
    }
  }

  /** The same fault, for the thread that waited: it may be shared, and is never changed. */
  private static RuntimeException rethrown(@Nullable Throwable cause) {
    return switch (cause) {
      case Fault fault -> fault;
      case RuntimeException bug -> bug;
      case null -> new InternalFault(Code.INTERNAL, "an answer failed without a cause", null);
      default -> new InternalFault(Code.INTERNAL, "an answer failed: " + cause, cause);
    };
  }

  /** Ends what has taken too long. Called by the sweep. */
  void tick(long now) {
    if (closed) {
      return;
    }
    if (writing && now - writeDeadline > 0) {
      // The writer finds the socket closed.
      close();
    }
    var webSocket = session;
    if (webSocket != null) {
      webSocket.tick(now);
    }
    if (reading && now - readDeadline > 0) {
      close();
    }
    var future = awaited;
    if (future != null && now - awaitDeadline > 0) {
      future.completeExceptionally(
          new GuestFault(
              GuestFault.Trap.WALL_TIME, "the actor did not answer in time: try again later"));
    }
  }

  /** Fails an answer that is still waited for, since the server stops. */
  void giveUp() {
    var future = awaited;
    if (future != null) {
      future.completeExceptionally(
          new ResourceFault(Code.SHUTTING_DOWN, "the server is shutting down: try again soon"));
    }
  }

  private byte[] pull() {
    var at = phase;
    long now = time.nanos();
    readDeadline =
        switch (at) {
          case IDLE -> now + pace.keepAlive().toNanos();
          case HEAD -> readDeadline;
          // A second for each 64 KiB is what the slowest honest client is taken to need.
          case BODY -> bodyStartNanos + pace.body().toNanos() + (bodyBytes >> 16) * 1_000_000_000L;
          case BUSY -> now + pace.close().toNanos();
        };
    reading = true;
    byte[] bytes;
    try {
      bytes = read();
    } finally {
      reading = false;
    }
    if (bytes == null) {
      // Helidon would log the end of the stream inside a request as a failure of the server.
      throw new CloseConnectionException("the client has gone");
    }
    if (at == Phase.IDLE) {
      readDeadline = time.nanos() + pace.head().toNanos();
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
    if (!listener.inbound().take(length)) {
      throw new ResourceFault(
          Code.OVERLOADED, "too many bytes are being received just now: try again soon");
    }
    bodyBytes += length;
  }

  @Override
  public DataReader dataReader() {
    var requests = reader;
    if (requests == null) {
      throw new IllegalStateException("a connection that is a WebSocket by now");
    }
    return requests;
  }

  @Override
  public ListenerContext listenerContext() {
    return listener.settings();
  }

  @Override
  public Router router() {
    return listener.router();
  }
}
