package dev.dormouse.actor;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written to one client: bounded in bytes, filled by the output gate, emptied by
 * the gateway. When a slow client lets it fill up, what waits is dropped and the connection is
 * closed with 1013 and {@code overloaded}.
 *
 * <p>The gateway gives a callback that is called whenever there is something to take where there
 * was nothing before; it may be called from any thread and must be brief.
 */
public final class Outbound {

  /** What the gateway writes. */
  public sealed interface Item {
    record Frame(Payload payload) implements Item {}

    /** The last item of a connection. */
    record Close(int code, String reason) implements Item {}
  }

  private final long maxBytes;
  private final Runnable onReady;
  private final ArrayDeque<Item> items = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  Outbound(long maxBytes, Runnable onReady) {
    this.maxBytes = maxBytes;
    this.onReady = onReady;
  }

  /** The next item to write, if there is one. What is taken no longer counts against the bound. */
  public synchronized @Nullable Item poll() {
    var item = items.poll();
    if (item instanceof Item.Frame frame) {
      bytes -= cost(frame.payload());
      notifyAll();
    }
    return item;
  }

  /**
   * Sends for a peer that can be made to wait: while more than half of the bound waits, so does the
   * caller. To be called on a virtual thread.
   */
  void sendWhenRoom(Payload payload) {
    synchronized (this) {
      while (!closed && bytes > maxBytes / 2) {
        try {
          wait();
        } catch (InterruptedException e) {
          throw new IllegalStateException("nobody interrupts threads of the server", e);
        }
      }
    }
    send(payload);
  }

  void send(Payload payload) {
    boolean ready;
    synchronized (this) {
      if (closed) {
        return;
      }
      ready = items.isEmpty();
      // A message that alone passes the bound is let through: its own size has a limit.
      if (bytes + cost(payload) > maxBytes && !items.isEmpty()) {
        items.clear();
        bytes = 0;
        closed = true;
        notifyAll();
        items.add(new Item.Close(1013, "overloaded"));
      } else {
        bytes += cost(payload);
        items.add(new Item.Frame(payload));
      }
    }
    if (ready) {
      onReady.run();
    }
  }

  void close(int code, String reason) {
    boolean ready;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      notifyAll();
      ready = items.isEmpty();
      items.add(new Item.Close(code, reason));
    }
    if (ready) {
      onReady.run();
    }
  }

  private static long cost(Payload payload) {
    return 64L + payload.bytes().length;
  }
}
