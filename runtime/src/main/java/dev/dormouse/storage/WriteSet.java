package dev.dormouse.storage;

import java.util.NavigableMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one turn changes, all together or not at all. Not to be changed once it is committed.
 *
 * @param deleteAll whether every key is deleted before {@code entries} are written
 * @param entries the new values by key; a null value deletes its key
 * @param alarm null leaves the alarm; empty deletes it
 */
public record WriteSet(
    boolean deleteAll,
    NavigableMap<StorageKey, byte @Nullable []> entries,
    @Nullable Optional<Alarm> alarm) {

  public boolean isEmpty() {
    return !deleteAll && entries.isEmpty() && alarm == null;
  }
}
