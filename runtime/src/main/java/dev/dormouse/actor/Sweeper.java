package dev.dormouse.actor;

import dev.dormouse.identity.ActorId;
import dev.dormouse.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes actors compact that have been idle for a little while, and puts those to sleep that have
 * been idle for longer. When memory runs short it does so with the longest idle ones first: as long
 * as it is enough to make them compact they keep what they have in memory. Safe for use by many
 * threads.
 */
final class Sweeper implements MemoryBudget.Room, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final ConcurrentHashMap<ActorId, Actor> actors;
  private final TimeSource time;
  private final ReentrantLock room = new ReentrantLock();
  private volatile boolean closed;

  Sweeper(ConcurrentHashMap<ActorId, Actor> actors, TimeSource time) {
    this.actors = actors;
    this.time = time;
  }

  void start() {
    time.after(INTERVAL, () -> time.start("sweeper", this::sweep));
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public long compact(long bytes) {
    room.lock();
    try {
      long freed = 0;
      for (var candidate : idle(Actor::mayCompact)) {
        if (freed >= bytes) {
          break;
        }
        freed += candidate.actor().compact();
      }
      return freed;
    } finally {
      room.unlock();
    }
  }

  @Override
  public long putToSleep(long bytes) {
    room.lock();
    try {
      var idle = idle(actor -> true);
      long freed = 0;
      for (boolean force : new boolean[] {false, true}) {
        for (var candidate : idle) {
          if (freed >= bytes) {
            return freed;
          }
          var before = candidate.actor().figures();
          putToSleep(candidate.actor(), force);
          if (before.awake() && !candidate.actor().figures().awake()) {
            freed += before.heldBytes() + MemoryBudget.ACTOR_BYTES;
          }
        }
      }
      return freed;
    } finally {
      room.unlock();
    }
  }

  /** Idle actors, the longest idle first. */
  private List<Idle> idle(Predicate<Actor> which) {
    var idle = new ArrayList<Idle>();
    for (var actor : actors.values()) {
      if (actor.figures().awake() && actor.isSettled() && which.test(actor)) {
        idle.add(new Idle(actor, actor.figures().lastActiveNanos()));
      }
    }
    idle.sort(Comparator.comparingLong(Idle::sinceNanos));
    return idle;
  }

  /** An actor as it was when it was looked at, so that the order does not change under the sort. */
  private record Idle(Actor actor, long sinceNanos) {}

  private void sweep() {
    if (closed) {
      return;
    }
    try {
      for (var actor : actors.values()) {
        rest(actor);
      }
    } catch (RuntimeException e) {
      LOG.error("the sweeper failed; it tries again", e);
    } finally {
      start();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // A hint only: nothing depends on it.
  private void rest(Actor actor) {
    long idleNanos = time.nanos() - actor.figures().lastActiveNanos();
    if (actor.maySleep(idleNanos)) {
      putToSleep(actor, false);
    }
    if (actor.mayCompact(idleNanos)) {
      actor.compact();
      // Thousands may fall idle at the same time, and events of others are not to wait for them
      // all.
      Thread.yield();
    }
  }

  void putToSleep(Actor actor, boolean force) {
    if (actor.sleep(force)) {
      actors.remove(actor.id(), actor);
    }
  }

  void retire(ActorId id) {
    var actor = actors.get(id);
    if (actor != null) {
      putToSleep(actor, true);
    }
  }
}
