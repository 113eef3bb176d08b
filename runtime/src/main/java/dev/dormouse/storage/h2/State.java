package dev.dormouse.storage.h2;

import dev.dormouse.fault.Fault;
import dev.dormouse.storage.ActorStore;
import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An actor's open state: its slot, and the right to commit to it. */
final class State implements ActorStore.ActorState {
  private final H2Store store;
  private final Slot slot;
  private volatile @Nullable Fault poison;
  private boolean closed;

  State(H2Store store, Slot slot) {
    this.store = store;
    this.slot = slot;
  }

  void poison(Fault fault) {
    poison = fault;
  }

  @Nullable Fault poison() {
    return poison;
  }

  Slot slot() {
    return slot;
  }

  @Override
  public byte @Nullable [] get(StorageKey key) {
    slot.lock.lock();
    try {
      var cell = slot.visible.cells.get(key);
      if (cell != null) {
        return cell.value();
      }
      if (slot.visible.cleared() || slot.file == null) {
        return null;
      }
    } finally {
      slot.lock.unlock();
    }
    return store.files().read(slot.id, slot.hex, file -> file.get(key));
  }

  @Override
  public List<Entry> list(KeyRange range, long maxBytes) {
    slot.gate.readLock().lock();
    try {
      Overlay overlay;
      boolean useFile;
      slot.lock.lock();
      try {
        // Nothing changes these cells while they are merged: commits come from this thread, the
        // gate keeps a checkpoint out, and a failed commit replaces the whole overlay.
        overlay = slot.visible;
        useFile = !overlay.cleared() && slot.file != null;
      } finally {
        slot.lock.unlock();
      }
      var above = Merge.within(range, overlay.cells);
      return useFile
          ? store.files().read(slot.id, slot.hex, file -> Merge.list(range, maxBytes, above, file))
          : Merge.list(range, maxBytes, above, null);
    } finally {
      slot.gate.readLock().unlock();
    }
  }

  @Override
  public Optional<Alarm> alarm() {
    slot.lock.lock();
    try {
      return slot.newest.alarm();
    } finally {
      slot.lock.unlock();
    }
  }

  /** Exact. */
  @Override
  public long storedBytes() {
    slot.lock.lock();
    try {
      return slot.newest.storedBytes();
    } finally {
      slot.lock.unlock();
    }
  }

  @Override
  public CompletableFuture<Void> commit(WriteSet writes) {
    if (closed) {
      throw new IllegalStateException("the state of actor " + slot.id + " is closed");
    }
    return store.committer().commit(this, writes);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      store.release(this);
    }
  }
}
