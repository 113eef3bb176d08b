package dev.dormouse.egress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one answer of HTTP/1.1, within bounds. */
final class HttpReader {
  private static final int MAX_HEAD_BYTES = 64 * 1024;
  private static final int MAX_FIELDS = 512;
  private static final int STEP = 16 * 1024;

  private final InputStream in;
  private boolean begun;

  HttpReader(InputStream in) {
    this.in = in;
  }

  /**
   * What a response begins with.
   *
   * @param minor the second number of the protocol's version
   */
  record Head(int minor, int status, List<Map.Entry<String, String>> headers) {
    @Nullable String first(String name) {
      for (var header : headers) {
        if (header.getKey().equals(name)) {
          return header.getValue();
        }
      }
      return null;
    }

    private boolean has(String name) {
      return first(name) != null;
    }

    private boolean bodiless(String method) {
      return method.equals("HEAD") || status == 204 || status == 304;
    }

    /** Whether another answer can follow on the same connection, once this one's body is read. */
    boolean canBeFollowed(String method) {
      boolean ends =
          headers.stream()
              .filter(header -> header.getKey().equals("connection"))
              .anyMatch(header -> header.getValue().toLowerCase(Locale.ROOT).contains("close"));
      boolean oneLength = has("transfer-encoding") != has("content-length");
      return minor >= 1 && status != 101 && !ends && (bodiless(method) || oneLength);
    }
  }

  /** Whether a byte of the answer has come. */
  boolean begun() {
    return begun;
  }

  /** Reads until a head that is not an interim one. */
  Head head() throws IOException {
    while (true) {
      var head = oneHead();
      if (head.status() >= 200 || head.status() == 101) {
        return head;
      }
    }
  }

  /** Reads a body of at most so many bytes. */
  byte[] body(Head head, String method, int limit) throws IOException {
    if (head.bodiless(method)) {
      return new byte[0];
    }
    var encoding = head.first("transfer-encoding");
    var declared = head.first("content-length");
    var body = new ByteArrayOutputStream();
    if (encoding != null) {
      if (!encoding.equalsIgnoreCase("chunked")) {
        throw new IOException("the answer has a transfer-encoding other than chunked");
      }
      chunks(body, limit);
    } else if (declared != null) {
      long length = number(declared, 10);
      if (length > limit) {
        throw tooLarge(limit);
      }
      copy(body, length, limit);
    } else {
      copy(body, -1, limit);
    }
    return body.toByteArray();
  }

  private void chunks(ByteArrayOutputStream body, int limit) throws IOException {
    while (true) {
      var line = line(MAX_HEAD_BYTES);
      int semicolon = line.indexOf(';');
      long size = number(semicolon < 0 ? line : line.substring(0, semicolon), 16);
      if (size == 0) {
        while (!line(MAX_HEAD_BYTES).isEmpty()) {}
        return;
      }
      copy(body, size, limit);
      if (!line(2).isEmpty()) {
        throw new IOException("a chunk has no end");
      }
    }
  }

  /**
   * @param length -1 for all until the end
   */
  private void copy(ByteArrayOutputStream body, long length, int limit) throws IOException {
    var step = new byte[(int) (length < 0 ? STEP : Math.min(STEP, length))];
    long left = length < 0 ? Long.MAX_VALUE : length;
    while (left > 0) {
      int count = in.read(step, 0, (int) Math.min(step.length, left));
      if (count < 0) {
        if (length < 0) {
          return;
        }
        throw new EOFException("the answer ended early");
      }
      if (body.size() + count > limit) {
        throw tooLarge(limit);
      }
      body.write(step, 0, count);
      left -= count;
    }
  }

  private Head oneHead() throws IOException {
    var status = line(MAX_HEAD_BYTES);
    if (!status.startsWith("HTTP/1.") || status.length() < 12) {
      throw new IOException("the answer is not one of HTTP/1.1");
    }
    int code = (int) number(status.substring(9, 12), 10);
    var headers = new ArrayList<Map.Entry<String, String>>();
    int left = MAX_HEAD_BYTES - status.length();
    for (var line = line(left); !line.isEmpty(); line = line(left)) {
      left -= line.length();
      int colon = line.indexOf(':');
      if (colon <= 0 || headers.size() >= MAX_FIELDS) {
        throw new IOException("the answer has a malformed head");
      }
      headers.add(
          Map.entry(
              line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
              line.substring(colon + 1).strip()));
    }
    requireOneLength(headers);
    return new Head((int) number(status.substring(7, 8), 10), code, headers);
  }

  /** Two lengths would let a server say where the next answer begins in two ways. */
  private static void requireOneLength(List<Map.Entry<String, String>> headers) throws IOException {
    long lengths =
        headers.stream()
            .filter(header -> header.getKey().equals("content-length"))
            .map(Map.Entry::getValue)
            .distinct()
            .count();
    if (lengths > 1) {
      throw new IOException("the answer has two lengths");
    }
  }

  private String line(int most) throws IOException {
    var line = new ByteArrayOutputStream(80);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the answer ended early");
      }
      begun = true;
      if (line.size() > most) {
        throw new IOException("the answer has too long a head");
      }
      line.write(c);
    }
    var text = line.toString(ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private static long number(String digits, int radix) throws IOException {
    try {
      long number = Long.parseLong(digits.strip(), radix);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IOException("the answer has a malformed number");
  }

  private static WebFailure tooLarge(int limit) {
    return new WebFailure(
        WebFailure.TOO_LARGE, "the answer is larger than the " + limit + " bytes allowed");
  }
}
