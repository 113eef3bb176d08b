package dev.dormouse.storage.h2;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.storage.StorageKey;
import java.io.IOException;
import java.util.Optional;

/**
 * Finds out what an actor's file holds, and whether that is all it must hold: the catalog knows up
 * to which record the file was once flushed, and the journal which record each of its own follows.
 */
final class SlotLoader {
  private final FileCache files;
  private final Catalog catalog;

  SlotLoader(FileCache files, Catalog catalog) {
    this.files = files;
    this.catalog = catalog;
  }

  /**
   * Loads a slot that is not loaded. Called under its lock; nothing of it is in flight yet.
   *
   * @throws InternalFault {@code storage_failed} where acknowledged state of the actor is missing
   */
  void load(Slot slot) {
    if (slot.damage != null) {
      throw slot.damage;
    }
    if (slot.loaded) {
      return;
    }
    var overlay = slot.visible;
    boolean fresh = overlay.freshLsn > 0;
    var meta = readMeta(slot, fresh);
    if (!overlay.isEmpty() && meta.isPresent() && meta.get().appliedLsn() >= overlay.lastLsn) {
      slot.visible = new Overlay();
      slot.durable = new Overlay();
      overlay = slot.visible;
    } else if (fresh) {
      meta = Optional.empty();
    } else {
      check(slot, meta);
    }
    slot.file = meta.orElse(null);
    var alarm = overlay.alarm;
    slot.newest =
        new Slot.Totals(
            overlay.isEmpty() ? meta.isPresent() : !overlay.gone,
            storedBytes(slot, overlay),
            alarm != null ? alarm : meta.flatMap(FileMeta::alarm));
    slot.flushed = slot.newest;
    slot.lastLsn = overlay.isEmpty() ? meta.map(FileMeta::appliedLsn).orElse(0L) : overlay.lastLsn;
    slot.durableLsn = slot.lastLsn;
    slot.loaded = true;
  }

  private Optional<FileMeta> readMeta(Slot slot, boolean fresh) {
    if (!files.exists(slot.hex)) {
      return Optional.empty();
    }
    try {
      if (slot.recovered) {
        cutUnflushed(slot);
      }
      var meta = readMeta(slot);
      meta.ifPresent(
          m -> {
            if (!m.id().equals(slot.id)) {
              throw new InternalFault(
                  Code.STORAGE_FAILED,
                  "the file %s of actor %s belongs to actor %s; put the right file there"
                      .formatted(files.path(slot.hex), slot.id, m.id()),
                  null);
            }
          });
      return meta;
    } catch (InternalFault e) {
      if (fresh) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Optional<FileMeta> readMeta(Slot slot) {
    var meta = files.read(slot.id, slot.hex, ActorFile::meta);
    try {
      long bytes = files.bytes(slot.hex);
      return meta.map(m -> m.withFileBytes(bytes));
    } catch (IOException e) {
      throw FileCache.damaged(slot.id, files.path(slot.hex), e);
    }
  }

  /**
   * A crash may have left the file with a commit of which not all is on disk. The journal has what
   * that commit applied, so the file is cut to what the last whole checkpoint flushed.
   */
  private void cutUnflushed(Slot slot) {
    long flushed = catalog.find(slot.key).map(FileMeta::fileBytes).orElse(0L);
    try {
      if (flushed > 0 && files.bytes(slot.hex) > flushed) {
        files.cut(slot.hex, flushed);
      }
    } catch (IOException e) {
      throw FileCache.damaged(slot.id, files.path(slot.hex), e);
    }
    slot.recovered = false;
  }

  private void check(Slot slot, Optional<FileMeta> meta) {
    long has = meta.map(FileMeta::appliedLsn).orElse(0L);
    if (has < slot.requiredLsn) {
      var evidence = slot.evidence;
      var fault =
          new InternalFault(
              Code.STORAGE_FAILED,
              "acknowledged writes of actor %s are lost: %s; restore it from a backup, or delete the actor"
                  .formatted(
                      slot.id,
                      evidence != null
                          ? evidence
                          : "the journal continues after record %d, and %s holds them up to %d"
                              .formatted(slot.requiredLsn, files.path(slot.hex), has)),
              null);
      slot.damage = fault;
      throw fault;
    }
    long known = catalog.find(slot.key).map(FileMeta::appliedLsn).orElse(0L);
    if (has < known) {
      throw new InternalFault(
          Code.STORAGE_FAILED,
          "the file %s of actor %s %s; restore it from a backup, or delete the actor"
              .formatted(
                  files.path(slot.hex),
                  slot.id,
                  meta.isEmpty()
                      ? "is missing or empty"
                      : "lost its newest state: it holds records up to "
                          + has
                          + ", and held them up to "
                          + known),
          null);
    }
  }

  private long storedBytes(Slot slot, Overlay overlay) {
    var file = slot.file;
    long stored = file == null || overlay.cleared() ? 0 : file.storedBytes();
    for (var e : overlay.cells.entrySet()) {
      var value = e.getValue().value();
      stored += value == null ? 0 : e.getKey().length() + value.length;
      if (!overlay.cleared()) {
        stored -= bytesInFile(slot, e.getKey());
      }
    }
    return stored;
  }

  /** Bytes of a key and its value in the file; 0 where it is not there. */
  long bytesInFile(Slot slot, StorageKey key) {
    if (slot.file == null) {
      return 0;
    }
    return files.read(
        slot.id,
        slot.hex,
        file -> {
          var value = file.get(key);
          return value == null ? 0L : (long) key.length() + value.length;
        });
  }
}
