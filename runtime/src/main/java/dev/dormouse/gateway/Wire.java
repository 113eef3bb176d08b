package dev.dormouse.gateway;

import dev.dormouse.fault.Fault;
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
  static final int SLICE = 64 * 1024;

  /** A client that has sent nothing for so long is taken to have stopped. */
  private static final long QUIET_NANOS = 300_000_000L;

  private static final byte[] NOTHING = new byte[0];

  private final ChannelSocket socket;
  private final Listener listener;
  private final Pace pace;
  private final TimeSource time;
  private final AwaitedAnswer answer = new AwaitedAnswer();

  /** What Helidon reads; null once the connection is a WebSocket. */
  private volatile @Nullable RequestStream requests;

  private @Nullable ServerConnection http;

  private volatile boolean closed;

  /**
   * When reading is to be over, in {@link TimeSource#nanos}; meaningless while {@code !reading}.
   */
  private volatile long readDeadline;

  private volatile boolean reading;
  private volatile long writeDeadline;
  private volatile boolean writing;
  private volatile @Nullable WebSocketSession session;

  Wire(ChannelSocket socket, Listener listener) {
    super(socket);
    this.socket = socket;
    this.listener = listener;
    this.pace = listener.pace();
    this.time = listener.time();
    this.requests = new RequestStream(this, listener);
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
    var connection = protocol.connection(this);
    http = connection;
    connection.handle(limit);
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
    var stream = requests;
    return stream != null && stream.isIdle();
  }

  Listener listener() {
    return listener;
  }

  /**
   * The requests that come by it.
   *
   * @throws IllegalStateException when it is a WebSocket by now
   */
  RequestStream requests() {
    var stream = requests;
    if (stream == null) {
      throw new IllegalStateException("a connection that is a WebSocket by now");
    }
    return stream;
  }

  void requestEnds() {
    requests().ends(session != null);
  }

  /** The request that ends was the last: from now on the connection is a WebSocket. */
  void becomes(WebSocketSession webSocket) {
    session = webSocket;
  }

  /**
   * What Helidon has read of the stream, but not used; nothing when that was asked before. Helidon
   * reads no more after this.
   */
  byte[] leftOver() {
    var stream = requests;
    requests = null;
    int length = stream == null ? 0 : stream.reader().available();
    return stream == null || length == 0 ? NOTHING : stream.reader().readBytes(length);
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

  /**
   * The next bytes of whatever comes; null at the end of the stream.
   *
   * @param deadlineNanos when the connection is closed if none have come
   * @throws CloseConnectionException when the connection is lost
   */
  byte @Nullable [] readBy(long deadlineNanos) {
    readDeadline = deadlineNanos;
    reading = true;
    try {
      return read();
    } finally {
      reading = false;
    }
  }

  /** The next bytes of a WebSocket, but none when nothing comes for so long. */
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
        more = readBy(silent - last < 0 ? silent : last) != null;
      }
    } catch (CloseConnectionException e) {
      // Also an end.
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
    return answer.await(future, deadlineNanos);
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
    answer.tick(now);
  }

  /** Fails an answer that is still waited for, since the server stops. */
  void giveUp() {
    answer.giveUp();
  }

  @Override
  public DataReader dataReader() {
    return requests().reader();
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
