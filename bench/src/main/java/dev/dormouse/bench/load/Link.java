package dev.dormouse.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;

/** One connection of a {@link Loop}. */
final class Link {
  private final SocketChannel channel;
  private final SelectionKey key;
  private final Loop.Receiver receiver;
  private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>(1);

  Link(SocketChannel channel, SelectionKey key, Loop.Receiver receiver) {
    this.channel = channel;
    this.key = key;
    this.receiver = receiver;
  }

  /** Sends what the socket takes at once, and keeps the rest for later. */
  void send(ByteBuffer bytes) throws IOException {
    var own = bytes.duplicate();
    if (unsent.isEmpty()) {
      channel.write(own);
    }
    if (own.hasRemaining()) {
      unsent.add(own);
      key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    }
  }

  void flush() throws IOException {
    for (var next = unsent.peek(); next != null; next = unsent.peek()) {
      channel.write(next);
      if (next.hasRemaining()) {
        return;
      }
      unsent.remove();
    }
    key.interestOps(SelectionKey.OP_READ);
  }

  void read(ByteBuffer buffer) throws IOException {
    int count;
    do {
      buffer.clear();
      count = channel.read(buffer);
      if (count < 0) {
        throw new EOFException("the server closed a connection");
      }
      buffer.flip();
      receiver.received(buffer);
    } while (count == buffer.capacity());
  }
}
