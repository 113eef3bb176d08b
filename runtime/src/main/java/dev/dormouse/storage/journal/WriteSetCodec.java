package dev.dormouse.storage.journal;

import dev.dormouse.storage.Alarm;
import dev.dormouse.storage.StorageKey;
import dev.dormouse.storage.WriteSet;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A turn's writes as the payload of a record. */
public final class WriteSetCodec {
  private static final int DELETE_ALL = 1;
  private static final int SETS_ALARM = 2;
  private static final int DELETES_ALARM = 4;

  private WriteSetCodec() {}

  public static byte[] encode(WriteSet writes) {
    var alarm = writes.alarm();
    long size = alarm != null && alarm.isPresent() ? 25 : 5;
    for (var e : writes.entries().entrySet()) {
      var value = e.getValue();
      size += 8L + e.getKey().length() + (value == null ? 0 : value.length);
    }
    var to = ByteBuffer.allocate(Math.toIntExact(size));
    int flags = writes.deleteAll() ? DELETE_ALL : 0;
    if (alarm != null) {
      flags |= alarm.isPresent() ? SETS_ALARM : DELETES_ALARM;
    }
    to.put((byte) flags);
    if (alarm != null && alarm.isPresent()) {
      var a = alarm.get();
      to.putLong(a.dueMillis()).putLong(a.setMillis()).putInt(a.attempt());
    }
    to.putInt(writes.entries().size());
    for (var e : writes.entries().entrySet()) {
      to.putInt(e.getKey().length()).put(e.getKey().utf8());
      var value = e.getValue();
      if (value == null) {
        to.putInt(-1);
      } else {
        to.putInt(value.length).put(value);
      }
    }
    return to.array();
  }

  /** The inverse of {@link #encode}, for bytes whose checksum held. */
  public static WriteSet decode(byte[] payload) {
    var from = ByteBuffer.wrap(payload);
    int flags = from.get();
    @Nullable Optional<Alarm> alarm = null;
    if ((flags & SETS_ALARM) != 0) {
      alarm = Optional.of(new Alarm(from.getLong(), from.getLong(), from.getInt()));
    } else if ((flags & DELETES_ALARM) != 0) {
      alarm = Optional.empty();
    }
    int count = from.getInt();
    var entries = new TreeMap<StorageKey, byte @Nullable []>();
    for (int i = 0; i < count; i++) {
      var key = new byte[from.getInt()];
      from.get(key);
      int length = from.getInt();
      byte @Nullable [] value = null;
      if (length >= 0) {
        value = new byte[length];
        from.get(value);
      }
      entries.put(new StorageKey(key), value);
    }
    return new WriteSet((flags & DELETE_ALL) != 0, entries, alarm);
  }
}
