package dev.dormouse.actor;

import dev.dormouse.actor.Mailbox.Offer;
import dev.dormouse.fault.Fault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.ActorStore;
import dev.dormouse.time.TimeSource;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fires the alarms of a node. It looks at the store's index of due times at short intervals, and
 * hands each actor that may be due an event; the actor's own record decides whether to fire. The
 * index is durable with the alarms, so alarms that came due while the server was down fire when it
 * is up again.
 */
final class AlarmClock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AlarmClock.class);
  private static final Duration INTERVAL = Duration.ofMillis(100);

  /** How long an alarm that could not be handled now (overload, a missing namespace) is left. */
  private static final Duration PUT_OFF = Duration.ofSeconds(2);

  /** Alarms that may be on their way to their actors at a time. */
  private static final int MOST_IN_FLIGHT = 1_024;

  private final ActorStore store;
  private final TimeSource time;
  private final BiFunction<ActorId, Event, Offer> deliver;

  /** Actors whose alarm is on its way, or left alone until a time in nanoseconds. */
  private final Map<ActorId, Long> busy = new ConcurrentHashMap<>();

  private volatile boolean closed;

  AlarmClock(ActorStore store, TimeSource time, BiFunction<ActorId, Event, Offer> deliver) {
    this.store = store;
    this.time = time;
    this.deliver = deliver;
  }

  void start() {
    time.after(INTERVAL, () -> time.start("alarm-clock", this::look));
  }

  /** No alarm fires after this, but those on their way. */
  @Override
  public void close() {
    closed = true;
  }

  private void look() {
    if (closed) {
      return;
    }
    try {
      long now = time.nanos();
      busy.values().removeIf(until -> until != Long.MAX_VALUE && until - now < 0);
      // What is busy may stand first in the index, so look past it.
      for (var due : store.alarmsDue(time.millis(), MOST_IN_FLIGHT + busy.size())) {
        if (busy.size() >= MOST_IN_FLIGHT) {
          break;
        }
        fire(due.id());
      }
    } catch (RuntimeException e) {
      LOG.error("the alarm clock could not look for due alarms; it tries again", e);
    } finally {
      start();
    }
  }

  private void fire(ActorId id) {
    if (busy.putIfAbsent(id, Long.MAX_VALUE) != null) {
      return;
    }
    var handled = new CompletableFuture<Boolean>();
    var _ =
        handled.whenComplete(
            (outcome, failure) -> {
              if (failure == null && outcome) {
                busy.remove(id);
              } else {
                busy.put(id, time.nanos() + PUT_OFF.toNanos());
              }
            });
    try {
      if (deliver.apply(id, new Event.AlarmDue(handled)) != Offer.TAKEN) {
        handled.complete(false);
      }
    } catch (Fault notNow) {
      handled.complete(false);
    }
  }
}
