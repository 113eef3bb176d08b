package dev.dormouse.actor;

import dev.dormouse.storage.ActorStore.ActorState;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The state of a gateway: always empty, since the imports that would change it trap. */
final class NoState implements ActorState {
  @Override
  public byte @Nullable [] get(StorageKey key) {
    return null;
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
  public CompletableFuture<Void> commit(WriteSet writes) {
    throw new IllegalStateException("a gateway stores nothing");
  }

  @Override
  public void close() {}
}
