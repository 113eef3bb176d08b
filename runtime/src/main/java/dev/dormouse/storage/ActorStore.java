package dev.dormouse.storage;

import dev.dormouse.identity.ActorId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Seam: the durable state of all actors of a node. Safe for use by many threads. No thread that
 * calls in may be interrupted.
 */
public interface ActorStore extends AutoCloseable {

  /**
   * Opens an actor's state for its turns. At most one is open for an actor at a time. Costs little
   * for an actor that has stored nothing: nothing of it comes to disk before its first commit.
   *
   * @throws dev.dormouse.fault.InternalFault {@code storage_failed}, naming the actor and what is
   *     wrong, where its file or journal records are damaged
   */
  ActorState open(ActorId id);

  /** Reads for the admin API, of the newest committed state; does not disturb an open state. */
  List<Entry> read(ActorId id, KeyRange range);

  /** Whether the actor has durable state. */
  Optional<StoredActor> find(ActorId id);

  /**
   * Which actor has an id, if it has durable state.
   *
   * @param hex as {@link ActorId#hex} writes it; anything else is nobody's
   */
  Optional<ActorId> named(String hex);

  /**
   * Actors of a namespace that have durable state, ordered by the UTF-8 bytes of their names.
   *
   * @param prefix what their names start with; empty for all
   * @param after exclusive lower bound on the name
   */
  List<StoredActor> list(String namespace, String prefix, @Nullable String after, int limit);

  /**
   * Actors whose alarms may be due at or before a time, earliest first. May name one whose alarm
   * has moved or gone, or that was named before; never misses one that is durable.
   */
  List<DueAlarm> alarmsDue(long untilMillis, int limit);

  /**
   * Deletes all durable state of an actor, which must not be open. Completes when it is durable.
   */
  CompletableFuture<Void> delete(ActorId id);

  /** Commits what is under way, brings files up to date and releases them. */
  @Override
  void close();

  /**
   * The durable state of one actor, used by one turn after another. Confined to one thread at a
   * time.
   */
  interface ActorState extends AutoCloseable {
    /** The newest committed value, durable or not yet; not to be changed. */
    byte @Nullable [] get(StorageKey key);

    /**
     * The newest committed entries of a range, in order.
     *
     * @param maxBytes where keys and values together would pass this, the answer ends early
     */
    List<Entry> list(KeyRange range, long maxBytes);

    Optional<Alarm> alarm();

    /** Bytes of all keys and values, as far as is known without reading them: never too small. */
    long storedBytes();

    /**
     * Takes a turn's changes. They are visible to reads of this state at once. The future completes
     * when they are on disk for good, in the order of the calls; it may complete on any thread, and
     * what hangs on it must be brief. It completes exceptionally with a Fault of {@code
     * storage_failed} or {@code storage_full} when they may not be durable; then this state takes
     * no more commits, and must be closed and opened again, which finds what is durable.
     */
    CompletableFuture<Void> commit(WriteSet writes);

    @Override
    void close();
  }

  /**
   * An actor with durable state.
   *
   * @param storedBytes keys and values
   */
  record StoredActor(ActorId id, long storedBytes, Optional<Alarm> alarm) {}

  /** An actor whose alarm may be due. */
  record DueAlarm(ActorId id, long dueMillis) {}
}
