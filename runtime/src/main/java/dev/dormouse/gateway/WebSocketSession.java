package dev.dormouse.gateway;

import dev.dormouse.actor.Connection;
import dev.dormouse.actor.Outbound.Item;
import dev.dormouse.gateway.FrameReader.Incoming;
import dev.dormouse.gateway.FrameReader.Violation;
import dev.dormouse.time.TimeSource;
import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open WebSocket: the client on one side, the actor's {@link Connection} on the other.
 *
 * <p>Two threads meet here. The reader is the connection's own virtual thread; it hands messages to
 * the actor and waits there while the actor is behind, so a client that floods is slowed by its own
 * socket. After a silence it parks the connection and ends; when bytes come, another one takes its
 * place. The writer is a virtual thread that exists only while there is something to write, and is
 * the only one that writes: frames from the outbound queue, and what the reader and the sweep ask
 * for (pongs, pings, the answer to a close). A slow client blocks its writer and nobody else; its
 * queue is bounded, and what is being written has a deadline.
 *
 * <p>Wake-ups are counted in {@code signals}: whoever raises it from zero starts the writer, and
 * the writer ends only by bringing it back to zero, so none is lost. Until the handshake is over
 * the count is held at one, so that nothing is written before the client knows of the connection.
 */
final class WebSocketSession {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketSession.class);
  private static final byte[] NOTHING = new byte[0];

  /** A client that lets the server wait for so long is in no hurry. */
  private static final Duration CALM = Duration.ofMillis(100);

  /** So many messages of a client without such a pause, and it is in a hurry. */
  private static final int IN_A_HURRY = 16;

  /** How this side ends the connection, on the reader's initiative. */
  private record Ending(int code, String reason, boolean answer) {}

  private final Wire wire;
  private final int maxMessage;
  private final TimeSource time;
  private final Pace pace;
  private final AtomicInteger signals = new AtomicInteger(1);
  private final AtomicReference<byte @Nullable []> pong = new AtomicReference<>();
  private volatile boolean pingDue;
  private volatile @Nullable Ending ending;
  private volatile @Nullable Connection connection;

  // Of the thread that serves.
  private int hurry;
  private boolean resumed;

  private volatile boolean closeSent;
  private volatile long closeDeadline;
  private volatile long heardNanos;
  private volatile boolean listening;
  private volatile boolean asked;

  WebSocketSession(Wire wire, int maxMessage, TimeSource time, Pace pace) {
    this.wire = wire;
    this.maxMessage = maxMessage;
    this.time = time;
    this.pace = pace;
  }

  /** There is something to write. May be called from any thread. */
  void signal() {
    if (signals.getAndIncrement() == 0) {
      Thread.ofVirtual().name("websocket-writer").start(this::drain);
    }
  }

  /**
   * Tells the client that the connection stands. Whatever happens from here on, the wire sees to it
   * that the actor hears of the end.
   */
  void open(Connection opened, byte[] switching) {
    connection = opened;
    heardNanos = time.nanos();
    wire.becomes(this);
    wire.write(switching, 0, switching.length);
    opened.stands();
    // The count stands at one or more already, and nobody has started the writer for it.
    Thread.ofVirtual().name("websocket-writer").start(this::drain);
  }

  /**
   * Serves the connection, on the thread that reads it, until it is over or silent.
   *
   * @return whether it is over; if not it is parked, and another thread serves it when bytes come
   */
  boolean serve() {
    var opened = opened();
    boolean over = true;
    try {
      wire.unpark();
      // Nothing is kept between two threads that serve: a connection is parked at rest.
      var frames =
          new FrameReader(this::read, wire.leftOver(), maxMessage, wire.listener().inbound());
      try {
        over = serve(frames, opened);
      } finally {
        frames.release();
      }
    } catch (CloseConnectionException e) {
      LOG.debug("a WebSocket was lost: {}", e.getMessage());
    } finally {
      if (over) {
        wire.close();
        opened.gone(1006, "");
      }
    }
    return over;
  }

  private boolean serve(FrameReader frames, Connection opened) {
    // What is no message, such as a pong, keeps a parked connection awake only for itself.
    boolean spoken = !resumed;
    boolean fresh = true;
    try {
      while (true) {
        if (frames.isAtRest()) {
          frames.feed(NOTHING);
          byte[] bytes = spoken || fresh ? next() : NOTHING;
          fresh = false;
          if (bytes == null) {
            return true;
          }
          if (bytes.length == 0) {
            if (park()) {
              return false;
            }
            spoken = true;
            continue;
          }
          frames.feed(bytes);
        }
        switch (frames.next()) {
          case Incoming.Message message -> {
            spoken = true;
            if (!closeSent) {
              opened.received(message.payload());
              heardNanos = time.nanos();
            }
          }
          case Incoming.Ping ping -> {
            // Of several that wait for an answer, the newest is enough (RFC 6455, 5.5.3).
            pong.set(ping.data());
            signal();
          }
          case Incoming.Pong answer -> {}
          case Incoming.Close close -> {
            opened.gone(close.code(), close.reason());
            if (!closeSent) {
              end(new Ending(close.code(), "", true));
            }
            return true;
          }
          case Incoming.End end -> {
            return true;
          }
        }
      }
    } catch (Violation violation) {
      opened.gone(1006, String.valueOf(violation.getMessage()));
      end(new Ending(violation.code(), String.valueOf(violation.getMessage()), false));
      return true;
    }
  }

  /**
   * Has the close written, and waits for the end of the stream: the writer or the client ends it.
   */
  private void end(Ending how) {
    ending = how;
    signal();
    wire.linger();
  }

  private byte @Nullable [] read() {
    listening = true;
    try {
      return heard(wire.read());
    } finally {
      listening = false;
    }
  }

  /**
   * The next bytes at rest; none after a silence. To wait for a time costs more than to wait, which
   * a client that sends one message after the other should not have to pay. If such a one falls
   * silent, its answer to the next ping is what parks it.
   */
  private byte @Nullable [] next() {
    long last = heardNanos;
    byte[] bytes;
    if (hurry == IN_A_HURRY) {
      bytes = read();
    } else {
      bytes = read(pace.park());
    }
    if (heardNanos - last > CALM.toNanos()) {
      hurry = 0;
    } else if (hurry < IN_A_HURRY) {
      hurry++;
    }
    return bytes;
  }

  private byte @Nullable [] read(Duration patience) {
    listening = true;
    try {
      byte[] bytes = wire.read(patience);
      return bytes != null && bytes.length == 0 ? bytes : heard(bytes);
    } finally {
      listening = false;
    }
  }

  private byte @Nullable [] heard(byte @Nullable [] bytes) {
    heardNanos = time.nanos();
    asked = false;
    return bytes;
  }

  /**
   * Lets the connection wait without a thread. The writer's place is taken for as long, so that
   * nobody writes while the socket changes.
   */
  private boolean park() {
    if (!signals.compareAndSet(0, 1)) {
      return false;
    }
    listening = true;
    resumed = true;
    boolean parked = false;
    try {
      parked = wire.park();
      return parked;
    } finally {
      if (!parked) {
        listening = false;
      }
      if (signals.decrementAndGet() != 0) {
        Thread.ofVirtual().name("websocket-writer").start(this::drain);
      }
    }
  }

  /**
   * Called by the sweep: asks a silent client whether it is there, and ends what has taken too
   * long.
   */
  void tick(long now) {
    if (closeSent) {
      if (now - closeDeadline > 0) {
        wire.close();
      }
      return;
    }
    // While the reader waits for the actor, the client's silence says nothing.
    if (!listening) {
      return;
    }
    long silent = now - heardNanos;
    if (silent > 2 * pace.ping().toNanos() && asked) {
      lost();
    } else if (silent > pace.ping().toNanos() && !asked) {
      asked = true;
      pingDue = true;
      signal();
    }
  }

  /** The client has gone without a word. May be called when it is over, too. */
  void lost() {
    wire.close();
    var open = connection;
    if (open != null) {
      open.gone(1006, "");
    }
  }

  private Connection opened() {
    var open = connection;
    if (open == null) {
      throw new IllegalStateException("the connection does not stand yet");
    }
    return open;
  }

  private void drain() {
    var open = opened();
    try {
      int seen = signals.get();
      do {
        write(open);
        seen = signals.addAndGet(-seen);
      } while (seen != 0);
    } catch (CloseConnectionException e) {
      // The count stays above zero: nobody starts another writer.
      lost();
    } catch (RuntimeException bug) {
      LOG.error("writing to a WebSocket failed inside the gateway", bug);
      lost();
    }
  }

  private void write(Connection open) {
    var frames = new FrameWriter(wire);
    while (!closeSent) {
      if (ending != null) {
        break;
      }
      writeControl(frames);
      switch (open.outbound().poll()) {
        case null -> {
          frames.flush();
          return;
        }
        case Item.Frame frame -> frames.message(frame.payload());
        case Item.Close close -> {
          frames.close(close.code(), close.reason());
          frames.flush();
          closed();
        }
      }
    }
    writeEnding(frames);
    // What comes after the close is not for this client any more.
    Item late = open.outbound().poll();
    while (late != null) {
      late = open.outbound().poll();
    }
  }

  private void writeEnding(FrameWriter frames) {
    var how = ending;
    if (how == null) {
      return;
    }
    if (!closeSent) {
      frames.close(how.code(), how.reason());
      frames.flush();
      closed();
    }
    if (how.answer()) {
      // The server is the one to end the TCP connection first (RFC 6455, 7.1.1).
      wire.close();
    }
  }

  private void writeControl(FrameWriter frames) {
    byte[] data = pong.getAndSet(null);
    if (data != null) {
      frames.pong(data);
    }
    if (pingDue) {
      pingDue = false;
      frames.ping(NOTHING);
    }
  }

  private void closed() {
    closeDeadline = time.nanos() + pace.close().toNanos();
    closeSent = true;
  }
}
