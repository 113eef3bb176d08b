package dev.dormouse.egress;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dormouse.time.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.Arrays;

/**
 * An open WebSocket to a server outside. One thread reads, in {@link #read}; any thread may write,
 * and waits while another does.
 */
public final class WebSocketClient {
  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int FIN = 0x80;
  private static final int MAX_CONTROL = 125;

  /** How long the server has to answer a close. */
  private static final Duration CLOSE_TIME = Duration.ofSeconds(5);

  private final Wire wire;
  private final DataInputStream in;
  private final int maxMessage;
  private final TimeSource time;
  private Runnable onEnd = () -> {};
  private boolean closeSent;

  WebSocketClient(Wire wire, int maxMessage, TimeSource time) {
    this.wire = wire;
    this.in = new DataInputStream(wire.in());
    this.maxMessage = maxMessage;
    this.time = time;
  }

  /** What comes from the server. */
  public interface Listener {
    /** May wait, which slows the server down. */
    void message(boolean text, byte[] bytes);

    /** Nothing comes any more; the code is 1006 where the server said none. */
    void closed(int code, String reason);
  }

  /** The server has broken the protocol. */
  private static final class Violation extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    Violation(int code, String message) {
      super(message, null, false, false);
      this.code = code;
    }
  }

  void onEnd(Runnable end) {
    onEnd = end;
  }

  /** Starts to read, on a virtual thread, until the connection is over. */
  public void listen(Listener listener) {
    time.start("egress-reader", () -> read(listener));
  }

  /** Sends a message; what cannot be sent is dropped, since the reader learns of the end. */
  public void send(boolean text, byte[] bytes) {
    write(text ? TEXT : BINARY, bytes);
  }

  /** Sends a close, whose answer ends the connection. */
  public void close(int code, String reason) {
    time.after(CLOSE_TIME, () -> time.start("egress-close", wire::close));
    write(CLOSE, code == 1005 || code == 1006 ? new byte[0] : closing(code, reason));
  }

  /** Ends the connection without a word. */
  void abort() {
    wire.close();
    onEnd.run();
  }

  private void read(Listener listener) {
    int code = 1006;
    var reason = "";
    try {
      byte[] last = frames(listener);
      code = last.length < 2 ? 1005 : (last[0] & 0xff) << 8 | (last[1] & 0xff);
      reason = last.length < 2 ? "" : new String(last, 2, last.length - 2, UTF_8);
      write(CLOSE, last);
    } catch (Violation violation) {
      write(CLOSE, closing(violation.code, String.valueOf(violation.getMessage())));
    } catch (IOException lost) {
      // It is over: 1006.
    } finally {
      abort();
      listener.closed(code, reason);
    }
  }

  /** Reads until a close frame, and answers what it carries. */
  private byte[] frames(Listener listener) throws IOException, Violation {
    var message = new ByteArrayOutputStream();
    int kind = -1;
    while (true) {
      int first = in.readUnsignedByte();
      int opcode = first & 0x0f;
      boolean last = (first & FIN) != 0;
      byte[] payload = payload(first, opcode, maxMessage - message.size());
      switch (opcode) {
        case PING -> write(PONG, payload);
        case PONG -> {}
        case CLOSE -> {
          return payload;
        }
        case TEXT, BINARY, CONTINUATION -> {
          if ((opcode == CONTINUATION) != (kind >= 0)) {
            throw new Violation(1002, "a fragment is out of place");
          }
          kind = opcode == CONTINUATION ? kind : opcode;
          message.writeBytes(payload);
          if (last) {
            byte[] whole = message.toByteArray();
            requireText(kind, whole);
            listener.message(kind == TEXT, whole);
            message.reset();
            kind = -1;
          }
        }
        default -> throw new Violation(1002, "an unknown kind of frame");
      }
    }
  }

  private byte[] payload(int first, int opcode, int room) throws IOException, Violation {
    int second = in.readUnsignedByte();
    long length = second & 0x7f;
    if ((first & 0x70) != 0 || (second & 0x80) != 0) {
      throw new Violation(1002, "a frame has bits that nobody asked for");
    }
    boolean control = opcode >= CLOSE;
    if (control && (length > MAX_CONTROL || (first & FIN) == 0)) {
      throw new Violation(1002, "a control frame is too long or in pieces");
    }
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    if (length < 0 || (!control && length > room)) {
      throw new Violation(1009, "the message is larger than the limit");
    }
    byte[] payload = in.readNBytes((int) length);
    if (payload.length < length) {
      throw new IOException("the stream ended inside a frame");
    }
    return payload;
  }

  private static void requireText(int kind, byte[] whole) throws Violation {
    if (kind == TEXT) {
      try {
        var _ = UTF_8.newDecoder().decode(ByteBuffer.wrap(whole));
      } catch (CharacterCodingException e) {
        throw new Violation(1007, "the text is not UTF-8");
      }
    }
  }

  private static byte[] closing(int code, String reason) {
    byte[] text = reason.getBytes(UTF_8);
    byte[] payload = new byte[2 + Math.min(text.length, MAX_CONTROL - 2)];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, payload.length - 2);
    return payload;
  }

  private synchronized void write(int opcode, byte[] payload) {
    if (closeSent) {
      return;
    }
    closeSent = opcode == CLOSE;
    var frame = ByteBuffer.allocate(14 + payload.length);
    frame.put((byte) (FIN | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    var mask = new byte[4];
    time.random(mask);
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i & 3]));
    }
    try {
      wire.write(Arrays.copyOf(frame.array(), frame.position()));
    } catch (IOException lost) {
      wire.close();
    }
  }
}
