package dev.dormouse.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Finds the WebSocket frames of a server among the bytes of a connection, however they are cut. */
final class FrameDecoder {
  static final int TEXT = 1;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  /** Two bytes, and up to eight of length. */
  private static final int HEADER = 10;

  private final byte[] header = new byte[HEADER];
  private int have;
  private int opcode;
  private long remaining = -1;
  private ByteBuffer control = ByteBuffer.allocate(0);

  /** Reads on. True at the end of a frame; what follows it is left in the buffer. */
  boolean read(ByteBuffer in) throws IOException {
    while (in.hasRemaining()) {
      if (remaining < 0) {
        header[have++] = in.get();
        if (have < 2 || have < headerSize()) {
          continue;
        }
        begin();
      }
      if (take(in)) {
        return true;
      }
    }
    return false;
  }

  /** What the last frame was. */
  int opcode() {
    return opcode;
  }

  /** What the last frame said, if it was a close, ping or pong. */
  ByteBuffer payload() {
    return control.flip();
  }

  private int headerSize() {
    int length = header[1] & 0x7f;
    return length < 126 ? 2 : length == 126 ? 4 : HEADER;
  }

  private void begin() throws IOException {
    if (header[1] < 0) {
      throw new IOException("the server masks a WebSocket frame, which only clients do");
    }
    opcode = header[0] & 0x0f;
    remaining = header[1] & 0x7f;
    if (have > 2) {
      remaining = 0;
      for (int i = 2; i < have; i++) {
        remaining = remaining << 8 | (header[i] & 0xff);
      }
    }
    have = 0;
    if (opcode >= CLOSE) {
      if (remaining > 125) {
        throw new IOException("a control frame has " + remaining + " bytes, more than 125");
      }
      control = ByteBuffer.allocate((int) remaining);
    }
  }

  private boolean take(ByteBuffer in) {
    int count = (int) Math.min(remaining, in.remaining());
    if (opcode >= CLOSE) {
      control.put(in.slice(in.position(), count));
    }
    in.position(in.position() + count);
    remaining -= count;
    if (remaining > 0) {
      return false;
    }
    remaining = -1;
    return true;
  }

  /** A client's frame. Its mask is zero, so that the payload goes out as it is. */
  static ByteBuffer frame(int opcode, ByteBuffer payload) {
    int size = payload.remaining();
    var frame = ByteBuffer.allocateDirect(14 + size).put((byte) (0x80 | opcode));
    if (size < 126) {
      frame.put((byte) (0x80 | size));
    } else if (size < 65536) {
      frame.put((byte) (0x80 | 126)).putShort((short) size);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(size);
    }
    return frame.putInt(0).put(payload.duplicate()).flip();
  }
}
