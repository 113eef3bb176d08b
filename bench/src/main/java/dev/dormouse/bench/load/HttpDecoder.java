package dev.dormouse.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/** Finds the end of each answer among the bytes of a connection, however they are cut. */
final class HttpDecoder {
  /** Of longer lines only so much is kept: no header that matters here is as long. */
  private static final int LINE = 128;

  private enum Part {
    STATUS,
    HEADERS,
    BODY,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILERS
  }

  private final byte[] line = new byte[LINE];
  private final boolean keepsBodies;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);
  private Part part = Part.STATUS;
  private int length;
  private int status;
  private long remaining;
  private boolean chunked;

  HttpDecoder(boolean keepsBodies) {
    this.keepsBodies = keepsBodies;
  }

  /** Reads on. True at the end of an answer; what follows it is left in the buffer. */
  boolean read(ByteBuffer in) throws IOException {
    while (in.hasRemaining()) {
      if (part == Part.BODY || part == Part.CHUNK) {
        if (skip(in)) {
          return true;
        }
        continue;
      }
      byte b = in.get();
      if (b != '\n') {
        if (b != '\r' && length < LINE) {
          line[length++] = b;
        }
      } else if (lineEnds()) {
        part = Part.STATUS;
        return true;
      }
    }
    return false;
  }

  int status() {
    return status;
  }

  /** The body of the last answer, where bodies are kept. */
  String body() {
    return body.toString(UTF_8);
  }

  private boolean skip(ByteBuffer in) {
    int count = (int) Math.min(remaining, in.remaining());
    if (keepsBodies) {
      var bytes = new byte[count];
      in.get(bytes);
      body.writeBytes(bytes);
    } else {
      in.position(in.position() + count);
    }
    remaining -= count;
    if (remaining > 0) {
      return false;
    }
    boolean ends = part == Part.BODY;
    part = ends ? Part.STATUS : Part.CHUNK_END;
    return ends;
  }

  /** True when the line ended the answer. */
  private boolean lineEnds() throws IOException {
    int size = length;
    length = 0;
    switch (part) {
      case STATUS -> begin(size);
      case HEADERS -> {
        if (size == 0) {
          return headersEnd();
        }
        header(size);
      }
      case CHUNK_SIZE -> {
        remaining = Long.parseLong(text(size).split(";", 2)[0].strip(), 16);
        part = remaining > 0 ? Part.CHUNK : Part.TRAILERS;
      }
      case CHUNK_END -> part = Part.CHUNK_SIZE;
      case TRAILERS -> {
        return size == 0;
      }
      default -> throw new IllegalStateException(part.toString());
    }
    return false;
  }

  private void begin(int size) throws IOException {
    if (size < 12 || line[0] != 'H' || line[8] != ' ') {
      throw new IOException("the server answers something else than HTTP/1.1: " + text(size));
    }
    status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + line[11] - '0';
    remaining = 0;
    chunked = false;
    body.reset();
    part = Part.HEADERS;
  }

  private void header(int size) {
    // Most headers need no text: these two begin with c and t.
    int first = line[0] | 0x20;
    if (first != 'c' && first != 't') {
      return;
    }
    var text = text(size).toLowerCase(Locale.ROOT);
    if (text.startsWith("content-length:")) {
      remaining = Long.parseLong(text.substring(15).strip());
    } else if (text.startsWith("transfer-encoding:")) {
      chunked = text.contains("chunked");
    }
  }

  private boolean headersEnd() {
    if (chunked) {
      part = Part.CHUNK_SIZE;
    } else if (remaining > 0) {
      part = Part.BODY;
    } else {
      return true;
    }
    return false;
  }

  private String text(int size) {
    return new String(line, 0, size, ISO_8859_1);
  }
}
