package dev.dormouse.storage.h2;

import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.journal.JournalReader;
import dev.dormouse.storage.journal.JournalReader.Damaged;
import dev.dormouse.storage.journal.JournalReader.Found;
import dev.dormouse.storage.journal.JournalReader.Position;
import dev.dormouse.storage.journal.JournalReader.Unreadable;
import dev.dormouse.storage.journal.JournalReader.Whole;
import dev.dormouse.storage.journal.Kind;
import dev.dormouse.storage.journal.WriteSetCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds the journal into slots after a start. Each record says which one of its actor it follows;
 * where that one is missing or damaged, the actor's file must hold it, which shows when the slot is
 * loaded: what a checkpoint had applied before the damage is not lost.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Map<ActorId, Slot> slots = new HashMap<>();
  private final long checkpointLsn;
  private boolean damageSeen;

  /**
   * @param checkpointLsn all records below it are in actor files
   */
  Recovery(long checkpointLsn) {
    this.checkpointLsn = checkpointLsn;
  }

  JournalReader.Summary read(Path journal) throws IOException {
    var summary = JournalReader.read(journal, this::take);
    slots.values().forEach(slot -> slot.visible = slot.durable.copy());
    return summary;
  }

  Map<ActorId, Slot> slots() {
    return slots;
  }

  /** Whether some of the journal could not be read. */
  boolean damageSeen() {
    return damageSeen;
  }

  private void take(Found found) {
    switch (found) {
      case Whole whole -> {
        if (whole.at().lsn() >= checkpointLsn) {
          take(whole);
        }
      }
      case Damaged damaged -> {
        if (damaged.at().lsn() >= checkpointLsn) {
          takeDamaged(damaged.at());
        }
      }
      case Unreadable unreadable -> {
        damageSeen = true;
        LOG.error(
            "{} bytes of the journal at {} offset {} cannot be read, nor whose they are",
            unreadable.bytes(),
            unreadable.file(),
            unreadable.offset());
      }
    }
  }

  private void take(Whole whole) {
    var at = whole.at();
    var slot = slots.computeIfAbsent(at.id(), Slot::new);
    if (at.kind() == Kind.DELETE) {
      startOver(slot, 0, null);
      slot.durable.takeDeletion(at.lsn());
    } else {
      if (at.prev() == 0) {
        startOver(slot, 0, null);
        slot.durable.startFresh(at.lsn());
      } else if (slot.lastLsn == 0) {
        slot.requiredLsn = at.prev();
      } else if (at.prev() != slot.lastLsn) {
        startOver(
            slot,
            at.prev(),
            "%s lacks its records between %d and %d, before offset %d"
                .formatted(at.file(), slot.lastLsn, at.lsn(), at.offset()));
      }
      slot.durable.take(WriteSetCodec.decode(whole.payload()), at.lsn());
    }
    slot.lastLsn = at.lsn();
  }

  private void takeDamaged(Position at) {
    damageSeen = true;
    var slot = slots.computeIfAbsent(at.id(), Slot::new);
    startOver(
        slot,
        at.lsn(),
        "%s is damaged at offset %d, in a record of %d bytes"
            .formatted(at.file(), at.offset(), at.bytes()));
    slot.lastLsn = at.lsn();
    LOG.error("a record of actor {} in {} is damaged at {}", at.id(), at.file(), at.offset());
  }

  private static void startOver(Slot slot, long requiredLsn, @Nullable String evidence) {
    slot.durable = new Overlay();
    slot.requiredLsn = requiredLsn;
    slot.evidence = evidence;
  }
}
