package dev.dormouse.storage.h2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * How long another file was when it was last flushed whole, so that what a crash left behind that
 * can be cut off. Two places are written in turn: when the power cuts one write short, the other
 * place still says the length before.
 */
final class LengthMark {
  private static final int PLACE_BYTES = 4096;
  private static final int MARK_BYTES = 20;

  private final Path file;
  private long count;
  private long bytes;

  LengthMark(Path file) throws IOException {
    this.file = file;
    if (Files.exists(file)) {
      var read = ByteBuffer.wrap(Files.readAllBytes(file));
      for (int at = 0; at + MARK_BYTES <= read.limit(); at += PLACE_BYTES) {
        long found = read.getLong(at);
        if (read.getInt(at + 16) == crc(read, at) && found > count) {
          count = found;
          bytes = read.getLong(at + 8);
        }
      }
    }
  }

  private static int crc(ByteBuffer mark, int at) {
    var crc = new CRC32C();
    crc.update(mark.duplicate().limit(at + 16).position(at));
    return (int) crc.getValue();
  }

  /** The length; 0 where none was set. */
  long bytes() {
    return bytes;
  }

  /** Sets the length, durably. */
  void set(long length) throws IOException {
    if (length == bytes) {
      return;
    }
    var mark = ByteBuffer.allocate(MARK_BYTES).putLong(count + 1).putLong(length);
    mark.putInt(crc(mark, 0)).flip();
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(mark, (count + 1) % 2 * PLACE_BYTES);
      channel.force(true);
    }
    count++;
    bytes = length;
  }
}
