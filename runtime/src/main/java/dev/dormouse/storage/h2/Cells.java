package dev.dormouse.storage.h2;

import dev.dormouse.storage.StorageKey;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/**
 * How keys and values lie in the pages of an H2 file: with a checksum over the keys of each page,
 * and one over its values. H2 itself checks where a page is and how long, not what is in it; so a
 * byte that flipped would come back as data, or hide a key, without this.
 */
final class Cells {
  static final Keys KEYS = new Keys();
  static final Values VALUES = new Values();

  private Cells() {}

  private static void seal(WriteBuffer buffer, int from) {
    var bytes = buffer.getBuffer();
    buffer.putInt(crc(bytes, from, buffer.position()));
  }

  private static void check(ByteBuffer buffer, int from) {
    int to = buffer.position();
    if (buffer.getInt() != crc(buffer, from, to)) {
      throw corrupt("the checksum of a page does not hold");
    }
  }

  private static int crc(ByteBuffer bytes, int from, int to) {
    var crc = new CRC32C();
    crc.update(bytes.duplicate().limit(to).position(from));
    return (int) crc.getValue();
  }

  static MVStoreException corrupt(String what) {
    return DataUtils.newMVStoreException(DataUtils.ERROR_FILE_CORRUPT, what);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    int length = DataUtils.readVarInt(buffer);
    if (length < 0 || length > buffer.remaining()) {
      throw corrupt("a page holds a length that cannot be");
    }
    var bytes = new byte[length];
    buffer.get(bytes);
    return bytes;
  }

  static final class Keys extends BasicDataType<StorageKey> {
    @Override
    public int compare(StorageKey a, StorageKey b) {
      return a.compareTo(b);
    }

    @Override
    public int getMemory(StorageKey key) {
      return 40 + key.length();
    }

    @Override
    public void write(WriteBuffer buffer, StorageKey key) {
      buffer.putVarInt(key.length()).put(key.utf8());
    }

    @Override
    public StorageKey read(ByteBuffer buffer) {
      return new StorageKey(bytes(buffer));
    }

    @Override
    public void write(WriteBuffer buffer, Object storage, int length) {
      int from = buffer.position();
      super.write(buffer, storage, length);
      seal(buffer, from);
    }

    @Override
    public void read(ByteBuffer buffer, Object storage, int length) {
      int from = buffer.position();
      super.read(buffer, storage, length);
      check(buffer, from);
    }

    @Override
    public StorageKey[] createStorage(int size) {
      return new StorageKey[size];
    }
  }

  static final class Values extends BasicDataType<byte[]> {
    @Override
    public int getMemory(byte[] value) {
      return 24 + value.length;
    }

    @Override
    public void write(WriteBuffer buffer, byte[] value) {
      buffer.putVarInt(value.length).put(value);
    }

    @Override
    public byte[] read(ByteBuffer buffer) {
      return bytes(buffer);
    }

    @Override
    public void write(WriteBuffer buffer, Object storage, int length) {
      int from = buffer.position();
      super.write(buffer, storage, length);
      seal(buffer, from);
    }

    @Override
    public void read(ByteBuffer buffer, Object storage, int length) {
      int from = buffer.position();
      super.read(buffer, storage, length);
      check(buffer, from);
    }

    @Override
    public byte[][] createStorage(int size) {
      return new byte[size][];
    }
  }
}
