package dev.dormouse.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A segment that is being written. Its bytes are there before the first batch comes, so that
 * forcing a batch has no metadata to bring along. Only the journal's platform threads come here: a
 * thread that is interrupted while it uses a channel closes the channel for all.
 */
class SegmentFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final long bytes;

  SegmentFile(Path path) throws IOException {
    this.path = path;
    this.channel = FileChannel.open(path, StandardOpenOption.WRITE);
    this.bytes = channel.size();
  }

  Path path() {
    return path;
  }

  long bytes() {
    return bytes;
  }

  void write(ByteBuffer from, long position) throws IOException {
    long at = position;
    while (from.hasRemaining()) {
      at += channel.write(from, at);
    }
  }

  void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** How segments are opened; tests open ones whose disk fails. */
  @FunctionalInterface
  interface Opener {
    SegmentFile open(Path path) throws IOException;
  }
}
