package dev.dormouse.actor;

import dev.dormouse.time.TimeSource;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Carries what one end of a connection between actors says to the other end. It runs on a virtual
 * thread that exists only while there is something to carry, and waits there while the other actor
 * is behind.
 *
 * <p>Wake-ups are counted: whoever raises the count from zero starts the thread, and the thread
 * ends only by bringing it back to zero. Until {@link #begin} it is held at one.
 */
final class Pump {
  private record Route(Connection from, Connection to) {}

  private final TimeSource time;
  private final AtomicInteger signals = new AtomicInteger(1);
  private volatile @Nullable Route route;

  Pump(TimeSource time) {
    this.time = time;
  }

  /** There is something to carry. May be called from any thread. */
  void signal() {
    if (signals.getAndIncrement() == 0) {
      time.start("pump", this::run);
    }
  }

  /** Both ends are there. */
  void begin(Connection from, Connection to) {
    route = new Route(from, to);
    time.start("pump", this::run);
  }

  private void run() {
    var ends = route;
    if (ends == null) {
      throw new IllegalStateException("a pump without ends");
    }
    int seen = signals.get();
    do {
      carry(ends.from(), ends.to());
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }

  private static void carry(Connection from, Connection to) {
    for (var item = from.outbound().poll(); item != null; item = from.outbound().poll()) {
      switch (item) {
        case Outbound.Item.Frame frame -> to.received(frame.payload());
        case Outbound.Item.Close close -> {
          to.gone(close.code(), close.reason());
          from.gone(close.code(), close.reason());
        }
      }
    }
  }
}
