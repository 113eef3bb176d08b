package dev.dormouse.gateway;

import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where silent connections wait without a thread: one selector for all of a listener's, and one
 * daemon thread, which both exist only once something has been parked.
 *
 * <p>A connection that parks gets a {@link Place}, which is left exactly once: when bytes or the
 * end of the stream have come, when somebody calls {@link Place#leave}, or when waiting has failed.
 * So a failure of the selector loses no connection: all leave, and those that are still silent come
 * back to a new one. All methods may be called from any thread.
 */
final class Parking implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Parking.class);

  private final AtomicInteger parked = new AtomicInteger();

  // Guarded by this.
  private @Nullable Selector selector;
  private List<Place> coming = new ArrayList<>();
  private boolean closed;

  /** Where one connection waits, once. */
  final class Place {
    private final SocketChannel channel;
    private final Runnable onLeave;

    // Guarded by this.
    private @Nullable SelectionKey key;
    private boolean left;

    private Place(SocketChannel channel, Runnable onLeave) {
      this.channel = channel;
      this.onLeave = onLeave;
    }

    /** Ends the waiting. The first call runs what was to be run then, the others do nothing. */
    void leave() {
      if (withdraw()) {
        onLeave.run();
      }
    }

    /**
     * Ends the waiting without running what was to be run then; false when it has ended already.
     */
    private boolean withdraw() {
      synchronized (this) {
        if (left) {
          return false;
        }
        left = true;
        if (key != null) {
          key.cancel();
          // Only a selection lets go of the channel; before that a closed one keeps its descriptor.
          key.selector().wakeup();
          key = null;
        }
      }
      parked.decrementAndGet();
      return true;
    }

    private void enter(Selector into) {
      try {
        synchronized (this) {
          if (!left) {
            key = channel.register(into, SelectionKey.OP_READ, this);
          }
        }
      } catch (IOException | RuntimeException e) {
        // Closed, most of all. Whoever reads it learns what is the matter.
        leave();
      }
    }
  }

  /** A place for a channel, which is to be {@link #enter}ed. */
  Place place(SocketChannel channel, Runnable onLeave) {
    return new Place(channel, onLeave);
  }

  /**
   * Begins to wait until the place's channel, which must be in non-blocking mode, can be read.
   *
   * @return false when one cannot wait here, and the place was not left
   */
  boolean enter(Place place) {
    parked.incrementAndGet();
    try {
      synchronized (this) {
        if (!closed) {
          coming.add(place);
          waker().wakeup();
          return true;
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      LOG.debug("a silent connection keeps its thread: {}", e.getMessage());
      synchronized (this) {
        coming.remove(place);
      }
    }
    return !place.withdraw();
  }

  /** Connections that wait. */
  int parked() {
    return parked.get();
  }

  /** Everybody leaves, and nobody comes any more. */
  @Override
  public void close() {
    Selector last;
    synchronized (this) {
      closed = true;
      last = selector;
    }
    if (last != null) {
      last.wakeup();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private synchronized Selector waker() throws IOException {
    var open = selector;
    if (open == null) {
      var fresh = Selector.open();
      try {
        Thread.ofPlatform().daemon().name("gateway-parking").start(() -> run(fresh));
      } catch (RuntimeException | Error e) {
        fresh.close();
        throw e;
      }
      selector = fresh;
      return fresh;
    }
    return open;
  }

  private void run(Selector over) {
    try {
      while (!isClosed()) {
        over.select(Parking::leave);
        var entering = entering();
        if (!entering.isEmpty()) {
          // A channel can register again only when a selection has let go of its last key.
          over.selectNow(Parking::leave);
          entering.forEach(place -> place.enter(over));
        }
      }
    } catch (IOException | ClosedSelectorException e) {
      LOG.error("waiting for silent connections failed; it begins anew", e);
    } catch (RuntimeException | Error bug) {
      LOG.error("waiting for silent connections failed inside the gateway; it begins anew", bug);
    } finally {
      end(over);
    }
  }

  private synchronized List<Place> entering() {
    if (coming.isEmpty()) {
      return List.of();
    }
    var taken = coming;
    coming = new ArrayList<>();
    return taken;
  }

  /** Whoever comes from now on finds a new selector, and those who are here leave. */
  private void end(Selector over) {
    var leaving = new ArrayList<Place>();
    synchronized (this) {
      if (selector == over) {
        selector = null;
      }
      leaving.addAll(coming);
      coming.clear();
    }
    if (over.isOpen()) {
      for (var key : over.keys()) {
        if (key.attachment() instanceof Place place) {
          leaving.add(place);
        }
      }
    }
    leaving.forEach(Place::leave);
    try {
      over.close();
    } catch (IOException e) {
      LOG.debug("a selector could not be closed", e);
    }
  }

  private static void leave(SelectionKey key) {
    if (key.attachment() instanceof Place place) {
      place.leave();
    }
  }
}
