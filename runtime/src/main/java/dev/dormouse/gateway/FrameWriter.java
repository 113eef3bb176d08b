package dev.dormouse.gateway;

import dev.dormouse.actor.Payload;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Puts frames of a server into bytes, several into one write where they are small. Used by one
 * thread, for as long as there is something to write.
 */
final class FrameWriter {
  private static final int TEXT = 0x81;
  private static final int BINARY = 0x82;
  private static final int CLOSE = 0x88;
  private static final int PING = 0x89;
  private static final int PONG = 0x8a;

  /** Bytes that are gathered before they are written. */
  private static final int GATHERED = 64 * 1024;

  /** From here on a payload is written from where it lies. */
  private static final int LARGE = 16 * 1024;

  private static final int MAX_REASON = 123;

  private final Wire wire;
  private @Nullable ByteArray gathered;

  FrameWriter(Wire wire) {
    this.wire = wire;
  }

  void message(Payload payload) {
    byte[] bytes = payload.bytes();
    var out = head(payload.text() ? TEXT : BINARY, bytes.length, bytes.length);
    if (bytes.length < LARGE) {
      out.add(bytes);
      if (out.length() >= GATHERED) {
        flush();
      }
    } else {
      flush();
      wire.write(bytes, 0, bytes.length);
    }
  }

  void ping(byte[] data) {
    head(PING, data.length, data.length).add(data);
  }

  void pong(byte[] data) {
    head(PONG, data.length, data.length).add(data);
  }

  /**
   * @param code 1005 and 1006 stand for none, and are not sent
   */
  void close(int code, String reason) {
    if (code == 1005 || code == 1006 || code == 1015) {
      head(CLOSE, 0, 0);
      return;
    }
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MAX_REASON);
    while (length < text.length && length > 0 && (text[length] & 0xc0) == 0x80) {
      length--;
    }
    var out = head(CLOSE, 2 + length, 2 + length);
    out.add(code >> 8);
    out.add(code);
    out.add(text, 0, length);
  }

  void flush() {
    var out = gathered;
    if (out != null && out.length() > 0) {
      wire.write(out.array(), 0, out.length());
      out.clear();
    }
  }

  private ByteArray head(int first, int length, int room) {
    var out = gathered;
    if (out == null) {
      out = new ByteArray(10 + Math.min(room, LARGE));
      gathered = out;
    }
    out.add(first);
    if (length < 126) {
      out.add(length);
    } else if (length < 65_536) {
      out.add(126);
      out.add(length >> 8);
      out.add(length);
    } else {
      out.add(127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.add((int) ((long) length >>> shift));
      }
    }
    return out;
  }
}
