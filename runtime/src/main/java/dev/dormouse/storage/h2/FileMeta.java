package dev.dormouse.storage.h2;

import dev.dormouse.identity.ActorId;
import dev.dormouse.storage.Alarm;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What an actor's file, and the catalog's entry for it, say beside its keys.
 *
 * @param appliedLsn the newest journal record that is in the file
 * @param storedBytes keys and values
 * @param fileBytes length of the file with all that is flushed; 0 within the file itself
 */
record FileMeta(
    ActorId id, long appliedLsn, long storedBytes, long fileBytes, Optional<Alarm> alarm) {
  private static final byte FORMAT = 1;

  byte[] encode() {
    var namespace = id.namespace().getBytes(StandardCharsets.UTF_8);
    var name = id.name().getBytes(StandardCharsets.UTF_8);
    var to = ByteBuffer.allocate(1 + 8 + 8 + 8 + 1 + 20 + 2 + namespace.length + name.length);
    to.put(FORMAT).putLong(appliedLsn).putLong(storedBytes).putLong(fileBytes);
    to.put((byte) (alarm.isPresent() ? 1 : 0));
    var a = alarm.orElse(new Alarm(0, 0, 0));
    to.putLong(a.dueMillis()).putLong(a.setMillis()).putInt(a.attempt());
    to.putShort((short) namespace.length).put(namespace).put(name);
    return to.array();
  }

  static FileMeta decode(byte[] bytes) {
    var from = ByteBuffer.wrap(bytes);
    byte format = from.get();
    if (format != FORMAT) {
      throw Cells.corrupt("the format is " + format + ", and this server knows " + FORMAT);
    }
    long applied = from.getLong();
    long stored = from.getLong();
    long fileBytes = from.getLong();
    boolean hasAlarm = from.get() == 1;
    var alarm = new Alarm(from.getLong(), from.getLong(), from.getInt());
    var namespace = new byte[from.getShort()];
    from.get(namespace);
    var name = new byte[from.remaining()];
    from.get(name);
    return new FileMeta(
        new ActorId(
            new String(namespace, StandardCharsets.UTF_8),
            new String(name, StandardCharsets.UTF_8)),
        applied,
        stored,
        fileBytes,
        hasAlarm ? Optional.of(alarm) : Optional.empty());
  }

  FileMeta withFileBytes(long length) {
    return new FileMeta(id, appliedLsn, storedBytes, length, alarm);
  }
}
