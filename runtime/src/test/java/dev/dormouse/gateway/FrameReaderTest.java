package dev.dormouse.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.gateway.FrameReader.Incoming;
import dev.dormouse.gateway.FrameReader.Violation;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
  private static final int MOST = 1 << 20;

  private final Inbound inbound = new Inbound(4L << 20);

  @Test
  void whereTheBytesAreSplitMakesNoDifference() throws Violation {
    var random = new Random(5);
    for (int round = 0; round < 200; round++) {
      byte[] message = new byte[random.nextInt(200_000)];
      random.nextBytes(message);
      byte[] stream = fragments(message, random);
      var reader = reader(new Pieces(stream, random));
      var incoming = reader.next();
      while (incoming instanceof Incoming.Ping) {
        incoming = reader.next();
      }
      var whole = assertInstanceOf(Incoming.Message.class, incoming);
      assertArrayEquals(message, whole.payload().bytes());
      assertInstanceOf(Incoming.End.class, reader.next());
      assertEquals(0, inbound.usedBytes());
    }
  }

  @Test
  void anAnnouncedLengthTakesNoMemoryBeforeItsBytesCome() throws Violation {
    byte[] stream = RawClient.masked(0x82, MOST, new byte[100]);
    var reader = reader(new Pieces(stream, new Random(1)));
    assertInstanceOf(Incoming.End.class, reader.next());
    assertEquals(0, inbound.usedBytes());
  }

  @Test
  void unfinishedMessagesOfManyClientsAreBoundTogether() throws Violation {
    byte[] most = RawClient.masked(0x02, MOST, new byte[MOST]);
    for (int i = 0; i < 3; i++) {
      assertInstanceOf(Incoming.End.class, reader(new Pieces(most, new Random(1))).next());
    }
    assertEquals(3L * MOST, inbound.usedBytes());
    var one = reader(new Pieces(most, new Random(1)));
    var other = reader(new Pieces(most, new Random(1)));
    assertInstanceOf(Incoming.End.class, one.next());
    assertEquals(1013, assertThrows(Violation.class, other::next).code());
    one.release();
    other.release();
    assertEquals(3L * MOST, inbound.usedBytes());
  }

  @Test
  void noBytesWhateverTheyAreDoMoreThanEndTheConnection() {
    var random = new Random(9);
    int violations = 0;
    for (int round = 0; round < 50_000; round++) {
      byte[] noise = new byte[random.nextInt(64)];
      random.nextBytes(noise);
      if (noise.length > 1 && random.nextBoolean()) {
        // Otherwise nearly all end at the first byte.
        noise[0] = (byte) (0x80 | random.nextInt(3));
        noise[1] |= (byte) 0x80;
      }
      var reader = reader(new Pieces(noise, random));
      try {
        Incoming incoming = reader.next();
        while (!(incoming instanceof Incoming.End)) {
          incoming = reader.next();
        }
      } catch (Violation violation) {
        violations++;
        assertTrue(violation.code() >= 1002 && violation.code() <= 1013);
      } finally {
        reader.release();
      }
    }
    assertTrue(violations > 10_000);
    assertEquals(0, inbound.usedBytes());
  }

  private FrameReader reader(Supplier<byte[]> source) {
    return new FrameReader(source, new byte[0], MOST, inbound);
  }

  /** A binary message in random fragments with pings between them. */
  private static byte[] fragments(byte[] message, Random random) {
    var out = new ByteArrayOutputStream();
    int at = 0;
    int opcode = 2;
    while (true) {
      int size = Math.min(message.length - at, random.nextInt(100_000));
      boolean last = at + size == message.length;
      byte[] part = Arrays.copyOfRange(message, at, at + size);
      out.writeBytes(RawClient.masked((last ? 0x80 : 0) | opcode, size, part));
      at += size;
      opcode = 0;
      if (last) {
        return out.toByteArray();
      }
      if (random.nextInt(4) == 0) {
        out.writeBytes(RawClient.masked(0x89, 3, new byte[3]));
      }
    }
  }

  /** Gives a stream in random pieces. */
  private static final class Pieces implements Supplier<byte[]> {
    private final byte[] stream;
    private final Random random;
    private int at;

    Pieces(byte[] stream, Random random) {
      this.stream = stream;
      this.random = random;
    }

    @Override
    public byte[] get() {
      if (at == stream.length) {
        return null;
      }
      int size = Math.min(stream.length - at, 1 + random.nextInt(8192));
      byte[] piece = Arrays.copyOfRange(stream, at, at + size);
      at += size;
      return piece;
    }
  }
}
