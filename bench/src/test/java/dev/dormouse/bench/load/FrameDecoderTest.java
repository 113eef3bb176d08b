package dev.dormouse.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
  /** A server's frames: short, empty, a ping, and those whose length takes two and eight bytes. */
  private static ByteBuffer frames() {
    var frames = ByteBuffer.allocate(70_100 + 400);
    frames.put(new byte[] {(byte) 0x81, 2, 'h', 'i'});
    frames.put(new byte[] {(byte) 0x82, 0});
    frames.put(new byte[] {(byte) 0x89, 3, 'a', 'b', 'c'});
    frames.put(new byte[] {(byte) 0x81, 126}).putShort((short) 300).put(new byte[300]);
    frames.put(new byte[] {(byte) 0x82, 127}).putLong(70_000).put(new byte[70_000]);
    return frames.flip();
  }

  @Test
  void framesAreFoundHoweverTheBytesAreCut() throws IOException {
    for (int size : new int[] {1, 2, 3, 5, 7, 64, 1000, 100_000}) {
      var decoder = new FrameDecoder();
      var opcodes = new ArrayList<Integer>();
      for (var bytes = frames(); bytes.hasRemaining(); ) {
        int count = Math.min(size, bytes.remaining());
        var piece = bytes.slice(bytes.position(), count);
        bytes.position(bytes.position() + count);
        while (decoder.read(piece)) {
          opcodes.add(decoder.opcode());
          if (decoder.opcode() == FrameDecoder.PING) {
            assertEquals("abc", UTF_8.decode(decoder.payload()).toString());
          }
        }
      }
      assertEquals(List.of(1, 2, 9, 1, 2), opcodes, "cut into pieces of " + size);
    }
  }

  @Test
  void aMaskedFrameIsRefused() {
    var frame = FrameDecoder.frame(FrameDecoder.TEXT, ByteBuffer.wrap(new byte[] {1}));
    assertThrows(IOException.class, () -> new FrameDecoder().read(frame));
  }

  @Test
  void aClientsFrameHasAMaskThatChangesNothing() {
    var frame = FrameDecoder.frame(FrameDecoder.TEXT, ByteBuffer.wrap("hi".getBytes(UTF_8)));
    var bytes = new byte[frame.remaining()];
    frame.get(bytes);
    assertArrayEquals(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'}, bytes);
  }
}
