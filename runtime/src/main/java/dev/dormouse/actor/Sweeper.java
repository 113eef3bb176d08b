package dev.dormouse.actor;

import dev.dormouse.identity.ActorId;
import dev.dormouse.time.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts actors to sleep: those that have been idle for their namespace's time, and, when memory runs
 * short, the longest idle ones first. Safe for use by many threads.
 */
final class Sweeper implements AutoCloseable {
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

  /** Frees about so many bytes of linear memory, as far as idle actors have them. */
  void makeRoom(long bytes) {
    room.lock();
    try {
      var idle = new ArrayList<Idle>();
      for (var actor : actors.values()) {
        if (actor.figures().awake() && actor.isSettled()) {
          idle.add(new Idle(actor, actor.figures()));
        }
      }
      idle.sort(Comparator.comparingLong(candidate -> candidate.figures().lastActiveNanos()));
      long freed = 0;
      for (boolean force : new boolean[] {false, true}) {
        for (var candidate : idle) {
          if (freed >= bytes) {
            return;
          }
          putToSleep(candidate.actor(), force);
          if (!candidate.actor().figures().awake()) {
            freed += candidate.figures().memoryBytes() + MemoryBudget.ACTOR_BYTES;
          }
        }
      }
    } finally {
      room.unlock();
    }
  }

  /** An actor as it was when it was looked at, so that the order does not change under the sort. */
  private record Idle(Actor actor, Actor.Figures figures) {}

  private void sweep() {
    if (closed) {
      return;
    }
    try {
      long now = time.nanos();
      for (var actor : actors.values()) {
        if (now - actor.figures().lastActiveNanos() >= actor.idleSleep().toNanos()) {
          putToSleep(actor, false);
        }
      }
    } catch (RuntimeException e) {
      LOG.error("the sweeper failed; it tries again", e);
    } finally {
      start();
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
