package dev.dormouse.gateway;

import dev.dormouse.actor.Payload;
import dev.dormouse.fault.Code;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a client sends on a WebSocket (RFC 6455, section 5): strictly, with fragments put
 * together, and never more bytes at a time in memory than have come and are allowed.
 *
 * <p>Helidon's own layer refuses frames over 1 MiB whatever is configured for their sum, decodes
 * the fragments of a text one by one, and does not check that text is UTF-8; so this is one of our
 * own, on Helidon's sockets. Used by one thread.
 */
final class FrameReader {
  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  private static final int FIRST_ROOM = 64 * 1024;
  private static final byte[] NOTHING = new byte[0];
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** What has come. */
  sealed interface Incoming {
    record Message(Payload payload) implements Incoming {}

    record Ping(byte[] data) implements Incoming {}

    record Pong() implements Incoming {}

    /**
     * @param code 1005 when the client gave none
     */
    record Close(int code, String reason) implements Incoming {}

    /** The stream has ended without a close. */
    record End() implements Incoming {}
  }

  /** The client broke the protocol or a limit; the connection is to be closed with the code. */
  static final class Violation extends Exception {
    private static final long serialVersionUID = 1L;
    private final int code;

    Violation(int code, String reason) {
      super(reason, null, false, false);
      this.code = code;
    }

    /** A limit of ours; the reason is its code, as everywhere. */
    Violation(Code fault) {
      this(fault.closeCode(), fault.wire());
    }

    int code() {
      return code;
    }
  }

  /** The stream ended inside a frame. */
  private static final class Ended extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Ended() {
      super("ended", null, false, false);
    }
  }

  private final Supplier<byte @Nullable []> source;
  private final int maxMessage;
  private final Inbound inbound;
  private byte[] chunk;
  private int at;

  private byte[] message = NOTHING;
  private int length;
  private int messageOpcode = CONTINUATION;
  private long taken;

  /**
   * @param source gives the next bytes, null at the end
   * @param first bytes that come before those of the source
   * @param maxMessage bytes of a message, all fragments together
   */
  FrameReader(Supplier<byte @Nullable []> source, byte[] first, int maxMessage, Inbound inbound) {
    this.source = source;
    this.chunk = first;
    this.maxMessage = maxMessage;
    this.inbound = inbound;
  }

  /** Waits for the next message or control frame. */
  Incoming next() throws Violation {
    try {
      while (true) {
        if (at == chunk.length && !pull()) {
          return new Incoming.End();
        }
        var incoming = frame();
        if (incoming != null) {
          return incoming;
        }
      }
    } catch (Ended e) {
      return new Incoming.End();
    }
  }

  /** Whether all that has come was used, and nothing is expected by a frame or a message. */
  boolean isAtRest() {
    return at == chunk.length && messageOpcode == CONTINUATION;
  }

  /** Bytes that come before those of the source. To be called at rest. */
  void feed(byte[] bytes) {
    chunk = bytes;
    at = 0;
  }

  /** Gives back what an unfinished message holds. */
  void release() {
    inbound.give(taken);
    taken = 0;
    message = NOTHING;
    length = 0;
  }

  /** Reads one frame; null when it was a fragment with more to follow. */
  private @Nullable Incoming frame() throws Violation {
    int head = octet();
    int second = octet();
    boolean last = (head & 0x80) != 0;
    int opcode = head & 0x0f;
    if ((head & 0x70) != 0) {
      throw protocol("a reserved bit is set");
    }
    if ((second & 0x80) == 0) {
      throw protocol("a client's frames must be masked");
    }
    long size = size(second & 0x7f);
    if (opcode >= CLOSE) {
      if (!last || size > 125) {
        throw protocol("a control frame is fragmented or too large");
      }
      return control(opcode, masked((int) size));
    }
    requireInOrder(opcode);
    if (size > maxMessage - length) {
      throw new Violation(Code.PAYLOAD_TOO_LARGE);
    }
    append((int) size);
    if (!last) {
      return null;
    }
    return new Incoming.Message(finish());
  }

  private void requireInOrder(int opcode) throws Violation {
    switch (opcode) {
      case CONTINUATION -> {
        if (messageOpcode == CONTINUATION) {
          throw protocol("a continuation of nothing");
        }
      }
      case TEXT, BINARY -> {
        if (messageOpcode != CONTINUATION) {
          throw protocol("a message inside another");
        }
        messageOpcode = opcode;
      }
      default -> throw protocol("an unknown opcode");
    }
  }

  private Payload finish() throws Violation {
    boolean text = messageOpcode == TEXT;
    byte[] bytes = length == message.length ? message : Arrays.copyOf(message, length);
    messageOpcode = CONTINUATION;
    release();
    if (text && !Utf8.isValid(bytes, 0, bytes.length)) {
      throw new Violation(1007, "text that is not UTF-8");
    }
    return new Payload(text, bytes);
  }

  private Incoming control(int opcode, byte[] data) throws Violation {
    return switch (opcode) {
      case PING -> new Incoming.Ping(data);
      case PONG -> new Incoming.Pong();
      case CLOSE -> close(data);
      default -> throw protocol("an unknown opcode");
    };
  }

  private static Incoming close(byte[] data) throws Violation {
    if (data.length == 0) {
      return new Incoming.Close(1005, "");
    }
    if (data.length == 1) {
      throw protocol("half a close code");
    }
    int code = (data[0] & 0xff) << 8 | (data[1] & 0xff);
    boolean known =
        (code >= 1000 && code <= 1003)
            || (code >= 1007 && code <= 1014)
            || (code >= 3000 && code <= 4999);
    if (!known) {
      throw protocol("a close code that may not be sent");
    }
    if (!Utf8.isValid(data, 2, data.length)) {
      throw new Violation(1007, "a close reason that is not UTF-8");
    }
    return new Incoming.Close(code, new String(data, 2, data.length - 2, StandardCharsets.UTF_8));
  }

  private long size(int first) throws Violation {
    if (first < 126) {
      return first;
    }
    int count = first == 126 ? 2 : 8;
    long size = 0;
    for (int i = 0; i < count; i++) {
      size = size << 8 | octet();
    }
    if (size < 0 || size < (count == 2 ? 126 : 65_536)) {
      throw protocol("a length that is not in its shortest form");
    }
    return size;
  }

  private byte[] masked(int size) {
    int mask = mask();
    var data = new byte[size];
    fill(data, 0, size);
    unmask(data, 0, size, mask);
    return data;
  }

  /**
   * Adds a frame's payload to the message; room is made as bytes come, not as they are announced.
   */
  private void append(int size) throws Violation {
    int mask = mask();
    int end = length + size;
    int from = length;
    while (length < end) {
      if (length == message.length) {
        long room = Math.min(end, Math.max(FIRST_ROOM, 2L * length));
        makeRoom((int) room);
      }
      int count = Math.min(end, message.length) - length;
      fill(message, length, count);
      length += count;
    }
    unmask(message, from, size, mask);
  }

  private void makeRoom(int room) throws Violation {
    // What is small costs a connection no more than its socket does, and is not worth counting.
    if (room > FIRST_ROOM) {
      long more = room - taken;
      if (!inbound.take(more)) {
        throw new Violation(Code.OVERLOADED);
      }
      taken += more;
    }
    message = Arrays.copyOf(message, room);
  }

  /** As a little-endian int, so that byte i of the payload meets byte i mod 4. */
  private int mask() {
    return octet() | octet() << 8 | octet() << 16 | octet() << 24;
  }

  private static void unmask(byte[] bytes, int from, int count, int mask) {
    if (mask == 0) {
      return;
    }
    long twice = (mask & 0xffff_ffffL) | (long) mask << 32;
    int i = 0;
    for (; i + 8 <= count; i += 8) {
      LONGS.set(bytes, from + i, (long) LONGS.get(bytes, from + i) ^ twice);
    }
    for (; i < count; i++) {
      bytes[from + i] ^= (byte) (mask >>> ((i & 3) * 8));
    }
  }

  private int octet() {
    if (at == chunk.length && !pull()) {
      throw new Ended();
    }
    return chunk[at++] & 0xff;
  }

  private void fill(byte[] into, int from, int count) {
    int done = 0;
    while (done < count) {
      if (at == chunk.length && !pull()) {
        throw new Ended();
      }
      int some = Math.min(count - done, chunk.length - at);
      System.arraycopy(chunk, at, into, from + done, some);
      at += some;
      done += some;
    }
  }

  private boolean pull() {
    // An idle connection keeps no buffer.
    chunk = NOTHING;
    at = 0;
    var next = source.get();
    if (next == null) {
      return false;
    }
    chunk = next;
    return true;
  }

  private static Violation protocol(String reason) {
    return new Violation(1002, reason);
  }
}
