package dev.dormouse.sim;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.ActorStore;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * An {@link ActorStore} in memory whose disk is moved by hand. A commit is durable at once, unless
 * the disk is held: then it waits for {@link #completeNext}, {@link #failNext}, {@link #release} or
 * {@link #crash}. Safe for use by many threads; futures complete on the thread that moves the disk.
 *
 * <p>As in the real store, a failed commit takes the later commits of its actor with it, and the
 * open state then takes no more.
 */
public final class SimStore implements ActorStore {

  private final Map<ActorId, Actor> actors = new HashMap<>();
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private boolean held;
  private @Nullable Fault refuseOpen;
  private @Nullable Fault refuseCommits;
  private long commits;
  private boolean closed;

  private static final class Actor {
    final ActorId id;
    Contents durable = new Contents(new TreeMap<>(), Optional.empty(), false);
    Contents newest = durable.copy();
    @Nullable State open;

    Actor(ActorId id) {
      this.id = id;
    }
  }

  private static final class Contents {
    NavigableMap<StorageKey, byte[]> entries;
    Optional<Alarm> alarm;
    boolean exists;

    Contents(NavigableMap<StorageKey, byte[]> entries, Optional<Alarm> alarm, boolean exists) {
      this.entries = entries;
      this.alarm = alarm;
      this.exists = exists;
    }

    Contents copy() {
      return new Contents(new TreeMap<>(entries), alarm, exists);
    }

    /** Null stands for the deletion of the actor. */
    void apply(@Nullable WriteSet writes) {
      if (writes == null) {
        entries = new TreeMap<>();
        alarm = Optional.empty();
        exists = false;
        return;
      }
      exists = true;
      if (writes.deleteAll()) {
        entries.clear();
      }
      writes
          .entries()
          .forEach(
              (key, value) -> {
                if (value == null) {
                  entries.remove(key);
                } else {
                  entries.put(key, value);
                }
              });
      if (writes.alarm() != null) {
        alarm = writes.alarm();
      }
    }

    List<Entry> list(KeyRange range, long maxBytes) {
      var found = new ArrayList<Entry>();
      long bytes = 0;
      for (var e : (range.reverse() ? entries.descendingMap() : entries).entrySet()) {
        if (found.size() >= range.limit()) {
          break;
        }
        if (range.contains(e.getKey())) {
          var entry = new Entry(e.getKey(), e.getValue());
          bytes += entry.bytes();
          if (bytes > maxBytes) {
            break;
          }
          found.add(entry);
        }
      }
      return found;
    }

    long bytes() {
      return entries.entrySet().stream()
          .mapToLong(e -> e.getKey().length() + e.getValue().length)
          .sum();
    }
  }

  private record Pending(Actor actor, @Nullable WriteSet writes, CompletableFuture<Void> done) {}

  // What a test does to the disk.

  /** From now on commits wait. */
  public synchronized void hold() {
    held = true;
  }

  /** Makes all that waits durable, and from now on every commit at once. */
  public void release() {
    synchronized (this) {
      held = false;
    }
    while (completeNext()) {}
  }

  /** Makes the oldest waiting commit durable. Answers whether there was one. */
  public boolean completeNext() {
    Pending next;
    synchronized (this) {
      next = queue.poll();
      if (next == null) {
        return false;
      }
      next.actor.durable.apply(next.writes);
    }
    next.done.complete(null);
    return true;
  }

  /** Fails the oldest waiting commit, and the later ones of its actor with it. */
  public boolean failNext(Fault fault) {
    var failed = new ArrayList<Pending>();
    synchronized (this) {
      var next = queue.peek();
      if (next == null) {
        return false;
      }
      queue.removeIf(p -> p.actor == next.actor && failed.add(p));
      rollBack(failed, fault);
    }
    failed.forEach(p -> p.done.completeExceptionally(fault));
    return true;
  }

  /** {@link #failNext(Fault)} with {@code storage_failed}. */
  public boolean failNext() {
    return failNext(new InternalFault(Code.STORAGE_FAILED, "the simulated disk failed", null));
  }

  /**
   * The power goes: what waits is lost and never answered, all open states are gone, and what is
   * durable is what a server finds that starts now on this same store.
   */
  public synchronized void crash() {
    queue.clear();
    for (var actor : actors.values()) {
      actor.newest = actor.durable.copy();
      if (actor.open != null) {
        actor.open.poison =
            new InternalFault(Code.STORAGE_FAILED, "the simulated power went", null);
        actor.open = null;
      }
    }
    closed = false;
  }

  /** Until called with null, every open fails with this. */
  public synchronized void refuseOpen(@Nullable Fault fault) {
    refuseOpen = fault;
  }

  /** Until called with null, every commit fails with this at once. */
  public synchronized void refuseCommits(@Nullable Fault fault) {
    refuseCommits = fault;
  }

  /** Commits that wait. */
  public synchronized int waiting() {
    return queue.size();
  }

  /** Commits taken since the start, failed ones included. */
  public synchronized long commits() {
    return commits;
  }

  /** The durable value of a key, whoever has the actor open. */
  public synchronized byte @Nullable [] durable(ActorId id, StorageKey key) {
    var actor = actors.get(id);
    return actor == null ? null : actor.durable.entries.get(key);
  }

  /** The durable alarm of an actor. */
  public synchronized Optional<Alarm> durableAlarm(ActorId id) {
    var actor = actors.get(id);
    return actor == null ? Optional.empty() : actor.durable.alarm;
  }

  /** Whether an actor's state is open. */
  public synchronized boolean isOpen(ActorId id) {
    var actor = actors.get(id);
    return actor != null && actor.open != null;
  }

  private void rollBack(List<Pending> failed, Fault fault) {
    for (var p : failed) {
      if (p.actor.open != null) {
        p.actor.open.poison = fault;
      }
      p.actor.newest = p.actor.durable.copy();
    }
  }

  // The store.

  @Override
  public synchronized ActorState open(ActorId id) {
    if (refuseOpen != null) {
      throw refuseOpen;
    }
    if (closed) {
      throw new InternalFault(Code.STORAGE_FAILED, "the store is closed", null);
    }
    var actor = actors.computeIfAbsent(id, Actor::new);
    if (actor.open != null) {
      throw new IllegalStateException("actor " + id + " is open already");
    }
    actor.open = new State(actor);
    return actor.open;
  }

  @Override
  public synchronized List<Entry> read(ActorId id, KeyRange range) {
    var actor = actors.get(id);
    return actor == null ? List.of() : actor.newest.list(range, Long.MAX_VALUE);
  }

  @Override
  public synchronized Optional<StoredActor> find(ActorId id) {
    return Optional.ofNullable(actors.get(id)).filter(a -> a.newest.exists).map(SimStore::stored);
  }

  @Override
  public synchronized Optional<ActorId> named(String hex) {
    return actors.values().stream()
        .filter(a -> a.newest.exists)
        .map(a -> SimStore.stored(a).id())
        .filter(id -> id.hex().equals(hex))
        .findFirst();
  }

  @Override
  public synchronized List<StoredActor> list(
      String namespace, String prefix, @Nullable String after, int limit) {
    var from = StorageKey.of(after == null ? "" : after);
    var start = StorageKey.of(prefix).utf8();
    return actors.values().stream()
        .filter(a -> a.newest.exists && a.id.namespace().equals(namespace))
        .filter(a -> after == null || StorageKey.of(a.id.name()).compareTo(from) > 0)
        .filter(
            a -> {
              var name = StorageKey.of(a.id.name()).utf8();
              return name.length >= start.length
                  && Arrays.equals(name, 0, start.length, start, 0, start.length);
            })
        .sorted(Comparator.comparing(a -> StorageKey.of(a.id.name())))
        .limit(limit)
        .map(SimStore::stored)
        .toList();
  }

  private static StoredActor stored(Actor a) {
    return new StoredActor(a.id, a.newest.bytes(), a.newest.alarm);
  }

  @Override
  public synchronized List<DueAlarm> alarmsDue(long untilMillis, int limit) {
    return actors.values().stream()
        .flatMap(a -> a.newest.alarm.stream().map(alarm -> new DueAlarm(a.id, alarm.dueMillis())))
        .filter(due -> due.dueMillis() <= untilMillis)
        .sorted(Comparator.comparingLong(DueAlarm::dueMillis))
        .limit(limit)
        .toList();
  }

  @Override
  public CompletableFuture<Void> delete(ActorId id) {
    synchronized (this) {
      var actor = actors.get(id);
      if (actor != null) {
        if (actor.open != null) {
          throw new IllegalStateException("actor " + id + " is open");
        }
        return take(actor, null, null);
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  /** Called under the lock; completes its future there only where nothing can hang on it yet. */
  private CompletableFuture<Void> take(
      Actor actor, @Nullable State state, @Nullable WriteSet writes) {
    commits++;
    if (refuseCommits != null) {
      if (state != null) {
        state.poison = refuseCommits;
      }
      return CompletableFuture.failedFuture(refuseCommits);
    }
    actor.newest.apply(writes);
    if (held) {
      var done = new CompletableFuture<Void>();
      queue.add(new Pending(actor, writes, done));
      return done;
    }
    actor.durable.apply(writes);
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {
    release();
    synchronized (this) {
      closed = true;
    }
  }

  private final class State implements ActorState {
    private final Actor actor;
    private @Nullable Fault poison;

    State(Actor actor) {
      this.actor = actor;
    }

    @Override
    public byte @Nullable [] get(StorageKey key) {
      synchronized (SimStore.this) {
        return actor.newest.entries.get(key);
      }
    }

    @Override
    public List<Entry> list(KeyRange range, long maxBytes) {
      synchronized (SimStore.this) {
        return actor.newest.list(range, maxBytes);
      }
    }

    @Override
    public Optional<Alarm> alarm() {
      synchronized (SimStore.this) {
        return actor.newest.alarm;
      }
    }

    @Override
    public long storedBytes() {
      synchronized (SimStore.this) {
        return actor.newest.bytes();
      }
    }

    @Override
    public CompletableFuture<Void> commit(WriteSet writes) {
      synchronized (SimStore.this) {
        if (poison != null) {
          return CompletableFuture.failedFuture(poison);
        }
        if (actor.open != this) {
          throw new IllegalStateException("the state of actor " + actor.id + " is closed");
        }
        return take(actor, this, writes);
      }
    }

    @Override
    public void close() {
      synchronized (SimStore.this) {
        if (actor.open == this) {
          actor.open = null;
        }
      }
    }
  }
}
