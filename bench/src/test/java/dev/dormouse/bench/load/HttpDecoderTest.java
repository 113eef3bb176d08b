package dev.dormouse.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HttpDecoderTest {
  private static final String ANSWERS =
      "HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 5\r\n\r\nhello"
          + "HTTP/1.1 404 Not Found\r\ncontent-length:0\r\n\r\n"
          + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: 1\r\n\r\n"
          + "HTTP/1.1 101 Switching Protocols\r\n\r\n";

  @Test
  void answersAreFoundHoweverTheBytesAreCut() throws IOException {
    var expected = List.of("200 hello", "404 ", "200 abcde", "101 ");
    for (int size = 1; size <= ANSWERS.length(); size++) {
      assertEquals(expected, decode(size), "cut into pieces of " + size);
    }
  }

  private static List<String> decode(int size) throws IOException {
    var decoder = new HttpDecoder(true);
    var found = new ArrayList<String>();
    var bytes = ByteBuffer.wrap(ANSWERS.getBytes(UTF_8));
    while (bytes.hasRemaining()) {
      int count = Math.min(size, bytes.remaining());
      var piece = bytes.slice(bytes.position(), count);
      bytes.position(bytes.position() + count);
      while (decoder.read(piece)) {
        found.add(decoder.status() + " " + decoder.body());
      }
    }
    return found;
  }

  @Test
  void whatIsNoAnswerIsRefused() {
    var decoder = new HttpDecoder(false);
    var bytes = ByteBuffer.wrap("SSH-2.0-OpenSSH_9.2p1\r\n".getBytes(UTF_8));
    assertThrows(IOException.class, () -> decoder.read(bytes));
  }
}
