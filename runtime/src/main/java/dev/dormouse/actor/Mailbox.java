package dev.dormouse.actor;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The events that wait for one actor, and who may run it. At any time at most one thread holds the
 * mailbox: the loop that takes events, or someone who puts the actor to sleep. It is taken by the
 * offer that finds nobody holding it, and let go by the holder that finds no event left.
 *
 * <p>Bounded in events and bytes. Events that say that something has ended pass the bound, since
 * the number of things that can end is bounded itself.
 */
final class Mailbox {
  /** What an offer came to. */
  enum Offer {
    /** Taken; somebody holds the mailbox and will come to it. */
    TAKEN,
    /** Taken, and the caller now holds the mailbox and must see to it that a loop runs. */
    TAKEN_HOLD,
    FULL,
    /** The actor has left the directory; look it up again. */
    RETIRED
  }

  private final ArrayDeque<Event> events = new ArrayDeque<>(4);
  private long bytes;
  private boolean held;
  private boolean retired;

  synchronized Offer offer(Event event, int maxEvents, long maxBytes) {
    if (retired) {
      return Offer.RETIRED;
    }
    long cost = event.cost();
    // An event that alone passes the bound is let into an empty mailbox: its own size has a limit.
    if (events.size() >= maxEvents || (bytes + cost > maxBytes && !events.isEmpty())) {
      return Offer.FULL;
    }
    events.add(event);
    bytes += cost;
    if (held) {
      return Offer.TAKEN;
    }
    held = true;
    return Offer.TAKEN_HOLD;
  }

  /** The next event; null when there is none, and then the caller no longer holds the mailbox. */
  synchronized @Nullable Event next() {
    var event = events.poll();
    if (event == null) {
      held = false;
    } else {
      bytes -= event.cost();
    }
    return event;
  }

  /** Takes an idle mailbox: true when nobody held it and nothing waits. */
  synchronized boolean tryHold() {
    if (held || retired || !events.isEmpty()) {
      return false;
    }
    held = true;
    return true;
  }

  /** For the holder: makes every later offer fail, if nothing waits. */
  synchronized boolean retire() {
    if (!events.isEmpty()) {
      return false;
    }
    retired = true;
    return true;
  }

  /** Whether a turn runs or waits. */
  synchronized boolean isBusy() {
    return held || !events.isEmpty();
  }

  synchronized int depth() {
    return events.size();
  }
}
