package dev.dormouse.storage.h2;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.ActorStore;
import dev.dormouse.storage.Entry;
import dev.dormouse.storage.KeyRange;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.journal.Journal;
import dev.dormouse.storage.journal.JournalReader;
import dev.dormouse.time.TimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The durable state of all actors on the local disk.
 *
 * <p>A commit is a record in a {@link Journal} that all actors share; when the journal has flushed
 * it, it is durable. Behind the journal each actor has an H2 file of its own, which checkpoints
 * bring up to date; commits that a file lacks are kept in memory, laid over it, so a read sees the
 * newest commit at once. The reasons: a flush costs the same for one commit as for many, so commits
 * of all actors share it; an actor's file takes one flushed commit for all that happened since the
 * last checkpoint; and what an actor stored can be copied, restored, found damaged or deleted as
 * one file, without hurting its neighbours.
 *
 * <p>After a crash the journal's records are folded into memory again, and a checkpoint begins. At
 * no moment is acknowledged state in memory alone. Damage is told from a torn end, see {@link
 * JournalReader}; a damaged actor answers {@code storage_failed} and says where, all others serve.
 */
public final class H2Store implements ActorStore {
  private final DataDirectory directory;
  private final FileCache files;
  private final Catalog catalog;
  private final DamageMarks marks;
  private final AlarmIndex alarms = new AlarmIndex();
  private final SlotLoader loader;
  private final Journal journal;
  private final Committer committer;
  private final Applier applier;
  private final Checkpointer checkpointer;
  private final CatalogView view;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Actors that are open or newer than their files. */
  private final ConcurrentHashMap<ActorId, Slot> slots = new ConcurrentHashMap<>();

  /** Of these, the ones of which file or catalog lack something. */
  private final ConcurrentSkipListMap<StorageKey, Slot> dirty = new ConcurrentSkipListMap<>();

  private H2Store(StoreOptions options, TimeSource time, DataDirectory directory)
      throws IOException {
    this.directory = directory;
    this.marks = new DamageMarks(directory.damaged());
    this.files = new FileCache(directory.actors(), options.openFiles());
    this.catalog = new Catalog(directory.catalog(), directory.actors(), files);
    this.loader = new SlotLoader(files, catalog);
    long checkpointLsn = catalog.checkpoint().lsn();
    var recovery = new Recovery(checkpointLsn);
    var found = recovery.read(directory.journal());
    long lastLsn = Math.max(found.lastLsn(), Math.max(checkpointLsn - 1, catalog.highestLsn()));
    var request = new CheckpointRequest();
    this.journal = new Journal(options.journal(), found, lastLsn + 1, time, request);
    this.committer = new Committer(journal, loader, alarms, dirty);
    this.applier = new Applier(options.checkpointThreads(), files, loader, marks, alarms);
    this.checkpointer =
        new Checkpointer(
            options, time, journal, catalog, applier, marks, alarms, dirty, this::dropIfIdle);
    this.view = new CatalogView(catalog, loader, alarms, dirty);
    recovery.slots().values().forEach(this::takeRecovered);
    applier.keepUpTo(recovery.damageSeen() ? lastLsn : 0);
    checkpointer.start();
    request.to = checkpointer;
    if (!dirty.isEmpty()) {
      checkpointer.request();
    }
  }

  /** The journal asks before the checkpointer, which needs the journal, is there. */
  private static final class CheckpointRequest implements Runnable {
    private volatile @Nullable Checkpointer to;

    @Override
    public void run() {
      var checkpointer = to;
      if (checkpointer != null) {
        checkpointer.request();
      }
    }
  }

  /**
   * Opens a data directory and recovers what a crash left.
   *
   * @throws InternalFault {@code storage_failed} where another server has the directory, it is of
   *     another format, or the disk fails
   */
  public static H2Store open(StoreOptions options, TimeSource time) {
    var directory = new DataDirectory(options.directory());
    try {
      return new H2Store(options, time, directory);
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e instanceof InternalFault fault
          ? fault
          : new InternalFault(
              Code.STORAGE_FAILED,
              "the data directory " + options.directory() + " cannot be opened: " + e.getMessage(),
              e);
    }
  }

  private void takeRecovered(Slot slot) {
    slot.recovered = true;
    slot.damage = marks.of(slot.hex);
    var known = catalog.find(slot.key);
    var alarm = slot.visible.alarm;
    slot.newest =
        new Slot.Totals(
            !slot.visible.gone, 0, alarm != null ? alarm : known.flatMap(FileMeta::alarm));
    slot.flushed = slot.newest;
    slot.durableLsn = slot.lastLsn;
    slot.listed = true;
    slots.put(slot.id, slot);
    dirty.put(slot.key, slot);
    slot.lock.lock();
    try {
      alarms.index(slot);
    } finally {
      slot.lock.unlock();
    }
  }

  FileCache files() {
    return files;
  }

  Committer committer() {
    return committer;
  }

  @Override
  public ActorState open(ActorId id) {
    checkOpen();
    return withSlot(
        id,
        slot -> {
          if (slot.open != null) {
            throw new IllegalStateException("actor " + id + " is open already");
          }
          loader.load(slot);
          slot.open = new State(this, slot);
          return slot.open;
        });
  }

  private interface SlotWork<T> {
    T apply(Slot slot);
  }

  /** Works on an actor's slot under its lock; the slot stays only if it is needed. */
  private <T> T withSlot(ActorId id, SlotWork<T> work) {
    while (true) {
      var slot =
          slots.computeIfAbsent(
              id,
              i -> {
                var made = new Slot(i);
                made.damage = marks.of(made.hex);
                return made;
              });
      slot.lock.lock();
      try {
        if (slots.get(id) == slot) {
          return work.apply(slot);
        }
      } finally {
        dropIfIdle(slot);
        slot.lock.unlock();
      }
    }
  }

  /** Called under the slot's lock. */
  private void dropIfIdle(Slot slot) {
    if (slot.open == null && !slot.listed && slot.isSettled()) {
      slots.remove(slot.id, slot);
    }
  }

  void release(State state) {
    var slot = state.slot();
    slot.lock.lock();
    try {
      if (slot.open == state) {
        slot.open = null;
      }
      dropIfIdle(slot);
    } finally {
      slot.lock.unlock();
    }
  }

  private void checkOpen() {
    if (closed.get()) {
      throw new InternalFault(Code.STORAGE_FAILED, "the store is closed", null);
    }
  }

  @Override
  public List<Entry> read(ActorId id, KeyRange range) {
    checkOpen();
    return withPinnedSlot(id, slot -> read(slot, range));
  }

  private List<Entry> read(Slot slot, KeyRange range) {
    slot.gate.readLock().lock();
    try {
      TreeMap<StorageKey, Overlay.Cell> above;
      boolean useFile;
      slot.lock.lock();
      try {
        loader.load(slot);
        above = new TreeMap<>(Merge.within(range, slot.visible.cells));
        useFile = !slot.visible.cleared() && slot.file != null;
      } finally {
        slot.lock.unlock();
      }
      return useFile
          ? files.read(slot.id, slot.hex, file -> Merge.list(range, Long.MAX_VALUE, above, file))
          : Merge.list(range, Long.MAX_VALUE, above, null);
    } finally {
      slot.gate.readLock().unlock();
    }
  }

  /** Works on an actor's slot without its lock. */
  private <T> T withPinnedSlot(ActorId id, SlotWork<T> work) {
    var slot = slots.get(id);
    if (slot == null) {
      // Of nobody's interest but this reader's: a slot that is not in the map is never written.
      slot = new Slot(id);
      slot.damage = marks.of(slot.hex);
    }
    return work.apply(slot);
  }

  @Override
  public Optional<StoredActor> find(ActorId id) {
    checkOpen();
    return view.find(id);
  }

  @Override
  public Optional<ActorId> named(String hex) {
    checkOpen();
    if (!ActorId.isHex(hex)) {
      return Optional.empty();
    }
    // Those that have no file yet are here; all others have a file of that name.
    for (var slot : slots.values()) {
      if (slot.hex.equals(hex)) {
        return view.find(slot.id).map(StoredActor::id);
      }
    }
    return Files.exists(ActorFile.path(directory.actors(), hex))
        ? files.read(new ActorId("", hex), hex, ActorFile::meta).map(FileMeta::id)
        : Optional.empty();
  }

  @Override
  public List<StoredActor> list(
      String namespace, String prefix, @Nullable String after, int limit) {
    checkOpen();
    return view.list(namespace, prefix, after, limit);
  }

  @Override
  public List<DueAlarm> alarmsDue(long untilMillis, int limit) {
    checkOpen();
    return view.alarmsDue(untilMillis, limit);
  }

  @Override
  public CompletableFuture<Void> delete(ActorId id) {
    checkOpen();
    return withSlot(
        id,
        slot -> {
          if (slot.open != null) {
            throw new IllegalStateException("actor " + id + " is open");
          }
          boolean loaded = slot.damage == null;
          if (loaded) {
            try {
              loader.load(slot);
            } catch (InternalFault damaged) {
              loaded = false;
            }
          }
          if (loaded && !slot.newest.exists()) {
            var last = slot.inflight.peekLast();
            return last == null ? CompletableFuture.completedFuture(null) : last.done();
          }
          return committer.delete(slot);
        });
  }

  /** Brings every file up to date now, as far as the disk lets it. Blocks until that is done. */
  public void checkpoint() {
    checkOpen();
    checkpointer.runNow();
  }

  /** Whether no checkpoint is running or wanted. */
  boolean isCheckpointIdle() {
    return checkpointer.isIdle();
  }

  /** What happened since the store was opened. */
  public StoreStats stats() {
    return new StoreStats(
        journal.stats(),
        files.size(),
        files.opens(),
        dirty.size(),
        checkpointer.done(),
        checkpointer.failed(),
        checkpointer.lastNanos(),
        applier.applied(),
        files.rewrites(),
        marks.size());
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    journal.close();
    checkpointer.runNow();
    checkpointer.close();
    files.close();
    catalog.close();
    directory.close();
  }
}
