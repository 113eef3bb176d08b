package dev.dormouse.storage.h2;

import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.StorageKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The keys of the catalog. Actors are ordered by namespace and the UTF-8 of their names, with a
 * zero byte between; alarms by due time, then actor.
 */
final class CatalogKeys {
  private static final int DUE_BYTES = Long.BYTES;

  private CatalogKeys() {}

  static StorageKey actor(ActorId id) {
    return actor(id.namespace(), id.name().getBytes(StandardCharsets.UTF_8));
  }

  static StorageKey actor(String namespace, byte[] name) {
    var space = namespace.getBytes(StandardCharsets.UTF_8);
    var key = Arrays.copyOf(space, space.length + 1 + name.length);
    System.arraycopy(name, 0, key, space.length + 1, name.length);
    return new StorageKey(key);
  }

  static StorageKey alarm(long dueMillis, StorageKey actor) {
    // The sign is flipped so that times sort as bytes without sign.
    return new StorageKey(
        ByteBuffer.allocate(DUE_BYTES + actor.length())
            .putLong(dueMillis ^ Long.MIN_VALUE)
            .put(actor.utf8())
            .array());
  }

  /** When an alarm is due, of its key. */
  static long due(StorageKey alarm) {
    return ByteBuffer.wrap(alarm.utf8()).getLong() ^ Long.MIN_VALUE;
  }

  /** Whose alarm it is, of its key. */
  static ActorId actorOfAlarm(StorageKey alarm) {
    int zero = DUE_BYTES;
    while (alarm.utf8()[zero] != 0) {
      zero++;
    }
    return new ActorId(
        new String(alarm.utf8(), DUE_BYTES, zero - DUE_BYTES, StandardCharsets.UTF_8),
        new String(alarm.utf8(), zero + 1, alarm.length() - zero - 1, StandardCharsets.UTF_8));
  }
}
