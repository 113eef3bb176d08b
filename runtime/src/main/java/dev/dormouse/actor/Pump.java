package dev.dormouse.actor;

import dev.dormouse.time.TimeSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries what an actor says by a connection that it opened, or to one, to the other end. It runs
 * on a virtual thread that exists only while there is something to carry, and waits there while the
 * other actor is behind.
 *
 * <p>Wake-ups are counted: whoever raises the count from zero starts the thread, and the thread
 * ends only by bringing it back to zero. Until {@link #begin} it is held at one.
 */
final class Pump {
  private record Route(Outbound from, Consumer<Outbound.Item> to) {}

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

  /** The other end is there. */
  void begin(Outbound from, Consumer<Outbound.Item> to) {
    route = new Route(from, to);
    time.start("pump", this::run);
  }

  /** The other end is another actor's. */
  void begin(Connection from, Connection to) {
    begin(
        from.outbound(),
        item -> {
          switch (item) {
            case Outbound.Item.Frame frame -> to.received(frame.payload());
            case Outbound.Item.Close close -> {
              to.gone(close.code(), close.reason());
              from.gone(close.code(), close.reason());
            }
          }
        });
  }

  private void run() {
    var ends = route;
    if (ends == null) {
      throw new IllegalStateException("a pump without ends");
    }
    int seen = signals.get();
    do {
      for (var item = ends.from().poll(); item != null; item = ends.from().poll()) {
        ends.to().accept(item);
      }
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }
}
