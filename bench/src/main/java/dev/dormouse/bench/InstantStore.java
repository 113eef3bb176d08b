package dev.dormouse.bench;

import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.ActorStore;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One actor's state in memory, durable at once: what a turn costs without its disk. */
final class InstantStore implements ActorStore, ActorStore.ActorState {
  private static final CompletableFuture<Void> DURABLE = CompletableFuture.completedFuture(null);

  private final Map<StorageKey, byte[]> entries = new HashMap<>();

  @Override
  public ActorState open(ActorId id) {
    return this;
  }

  @Override
  public CompletableFuture<Void> commit(WriteSet writes) {
    writes
        .entries()
        .forEach(
            (key, value) -> {
              if (value != null) {
                entries.put(key, value);
              }
            });
    return DURABLE;
  }

  @Override
  public byte @Nullable [] get(StorageKey key) {
    return entries.get(key);
  }

  @Override
  public List<Entry> list(KeyRange range, long maxBytes) {
    return List.of();
  }

  @Override
  public Optional<Alarm> alarm() {
    return Optional.empty();
  }

  @Override
  public long storedBytes() {
    return 0;
  }

  @Override
  public List<Entry> read(ActorId id, KeyRange range) {
    return List.of();
  }

  @Override
  public Optional<StoredActor> find(ActorId id) {
    return Optional.empty();
  }

  @Override
  public Optional<ActorId> named(String hex) {
    return Optional.empty();
  }

  @Override
  public List<StoredActor> list(
      String namespace, String prefix, @Nullable String after, int limit) {
    return List.of();
  }

  @Override
  public List<DueAlarm> alarmsDue(long untilMillis, int limit) {
    return List.of();
  }

  @Override
  public CompletableFuture<Void> delete(ActorId id) {
    return DURABLE;
  }

  @Override
  public void close() {}
}
