package dev.dormouse.storage.journal;

import dev.dormouse.identity.ActorId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a segment file. All numbers are big-endian.
 *
 * <pre>
 * segment   one block of segment header, then batches; each batch starts on a block of 4 KiB
 * batch     64 bytes of batch header, then its records
 * record    opening tag, payload, closing tag; each padded to 8 bytes
 * tag       magic, checksum, lengths, kind, lsn, previous lsn of the actor, the actor's names
 * </pre>
 *
 * <p>A batch never shares a block with the one before it: bytes that were acknowledged are never
 * written again, so a write that the power cuts short cannot hurt them. Every checksum is seeded
 * with the segment's number, which is never used twice; that is why bytes which an earlier life of
 * the file left behind are never taken for this one's. The closing tag repeats the opening one: a
 * record whose opening was hit still says whose it is, and is still readable.
 */
final class Layout {
  static final int BLOCK = 4096;
  static final int VERSION = 1;
  static final long SEGMENT_MAGIC = 0x444f524d4a524e4cL;
  static final int BATCH_MAGIC = 0x44424348;
  static final int OPENING = 0x4452454f;
  static final int CLOSING = 0x44524543;

  static final int SEGMENT_HEADER_BYTES = 40;
  static final int BATCH_HEADER_BYTES = 64;
  private static final int TAG_FIXED_BYTES = 40;

  private Layout() {}

  record SegmentHeader(long segment, long firstBatch, long firstLsn) {}

  record BatchHeader(long segment, long number, int bytes, int records) {}

  record Tag(
      int tagBytes, int payloadBytes, int payloadCrc, Kind kind, long lsn, long prev, ActorId id) {

    int recordBytes() {
      return 2 * tagBytes + padded(payloadBytes);
    }
  }

  static int padded(int bytes) {
    return (bytes + 7) & -8;
  }

  static long toBlock(long offset) {
    return (offset + BLOCK - 1) & -BLOCK;
  }

  static int crc(ByteBuffer bytes, int from, int length, long seed) {
    var crc = new CRC32C();
    for (int shift = 56; shift >= 0; shift -= 8) {
      crc.update((int) (seed >>> shift));
    }
    crc.update(bytes.duplicate().limit(from + length).position(from));
    return (int) crc.getValue();
  }

  static void writeSegmentHeader(ByteBuffer to, SegmentHeader header) {
    int at = to.position();
    to.putLong(SEGMENT_MAGIC).putInt(0).putInt(VERSION);
    to.putLong(header.segment).putLong(header.firstBatch).putLong(header.firstLsn);
    to.putInt(at + 8, crc(to, at + 12, SEGMENT_HEADER_BYTES - 12, header.segment));
  }

  /** Null where there is none that is whole. */
  static @Nullable SegmentHeader readSegmentHeader(ByteBuffer from) {
    if (from.limit() < SEGMENT_HEADER_BYTES || from.getLong(0) != SEGMENT_MAGIC) {
      return null;
    }
    var header = new SegmentHeader(from.getLong(16), from.getLong(24), from.getLong(32));
    return from.getInt(8) == crc(from, 12, SEGMENT_HEADER_BYTES - 12, header.segment)
            && from.getInt(12) == VERSION
        ? header
        : null;
  }

  static void writeBatchHeader(ByteBuffer to, BatchHeader header) {
    int at = to.position();
    to.putInt(BATCH_MAGIC).putInt(0);
    to.putLong(header.segment).putLong(header.number).putInt(header.bytes).putInt(header.records);
    while (to.position() < at + BATCH_HEADER_BYTES) {
      to.putLong(0);
    }
    to.putInt(at + 4, crc(to, at + 8, BATCH_HEADER_BYTES - 8, header.segment));
  }

  static @Nullable BatchHeader readBatchHeader(ByteBuffer from, int at, long segment) {
    if (at + BATCH_HEADER_BYTES > from.limit() || from.getInt(at) != BATCH_MAGIC) {
      return null;
    }
    var header =
        new BatchHeader(
            from.getLong(at + 8),
            from.getLong(at + 16),
            from.getInt(at + 24),
            from.getInt(at + 28));
    return header.segment == segment
            && header.bytes >= 0
            && from.getInt(at + 4) == crc(from, at + 8, BATCH_HEADER_BYTES - 8, segment)
        ? header
        : null;
  }

  /** Bytes of one tag of a record of this actor. */
  static int tagBytes(byte[] namespace, byte[] name) {
    return padded(TAG_FIXED_BYTES + namespace.length + name.length);
  }

  static void writeTag(
      ByteBuffer to, int magic, PendingRecord record, byte[] namespace, byte[] name, long segment) {
    int at = to.position();
    int bytes = tagBytes(namespace, name);
    to.putInt(magic).putInt(0).putInt(bytes);
    to.putInt(record.payload().length).putInt(record.payloadCrc());
    to.put(record.kind().code()).put((byte) namespace.length).putShort((short) name.length);
    to.putLong(record.lsn()).putLong(record.prev());
    to.put(namespace).put(name);
    while (to.position() < at + bytes) {
      to.put((byte) 0);
    }
    to.putInt(at + 4, crc(to, at + 8, bytes - 8, segment));
  }

  static @Nullable Tag readTag(ByteBuffer from, int at, int magic, long segment) {
    if (at + TAG_FIXED_BYTES > from.limit() || from.getInt(at) != magic) {
      return null;
    }
    int bytes = from.getInt(at + 8);
    int payloadBytes = from.getInt(at + 12);
    int namespaceBytes = from.get(at + 21) & 0xff;
    int nameBytes = from.getShort(at + 22) & 0xffff;
    if (bytes != padded(TAG_FIXED_BYTES + namespaceBytes + nameBytes)
        || payloadBytes < 0
        || bytes > from.limit() - at
        || from.getInt(at + 4) != crc(from, at + 8, bytes - 8, segment)) {
      return null;
    }
    var names = new byte[namespaceBytes + nameBytes];
    from.get(at + TAG_FIXED_BYTES, names);
    var id =
        new ActorId(
            new String(names, 0, namespaceBytes, StandardCharsets.UTF_8),
            new String(names, namespaceBytes, nameBytes, StandardCharsets.UTF_8));
    var kind = from.get(at + 20) == Kind.DELETE.code() ? Kind.DELETE : Kind.WRITE;
    return new Tag(
        bytes,
        payloadBytes,
        from.getInt(at + 16),
        kind,
        from.getLong(at + 24),
        from.getLong(at + 32),
        id);
  }
}
