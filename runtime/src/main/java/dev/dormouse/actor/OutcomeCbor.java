package dev.dormouse.actor;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the outcomes that are CBOR arrays (RFC 8949), in the shortest form. */
final class OutcomeCbor {
  private static final int UNSIGNED = 0 << 5;
  private static final int BYTES = 2 << 5;
  private static final int TEXT = 3 << 5;
  private static final int ARRAY = 4 << 5;
  private static final int NULL = 0xf6;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private OutcomeCbor() {}

  /**
   * {@code [status, [[name, value], …], body]}, and the URL behind it where one is given.
   *
   * @param url null where the array has three elements
   */
  static byte[] reply(int status, List<Header> headers, byte[] body, @Nullable String url) {
    var cbor = new OutcomeCbor();
    cbor.head(ARRAY, url == null ? 3 : 4);
    cbor.head(UNSIGNED, status);
    cbor.head(ARRAY, headers.size());
    for (var header : headers) {
      cbor.head(ARRAY, 2);
      cbor.text(header.name());
      cbor.text(header.value());
    }
    cbor.head(BYTES, body.length);
    cbor.out.writeBytes(body);
    if (url != null) {
      cbor.text(url);
    }
    return cbor.out.toByteArray();
  }

  /** {@code [connection, protocol or null]}. */
  static byte[] connection(long id, @Nullable String protocol) {
    var cbor = new OutcomeCbor();
    cbor.head(ARRAY, 2);
    cbor.head(UNSIGNED, id);
    if (protocol == null) {
      cbor.out.write(NULL);
    } else {
      cbor.text(protocol);
    }
    return cbor.out.toByteArray();
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    head(TEXT, utf8.length);
    out.writeBytes(utf8);
  }

  private void head(int major, long value) {
    if (value < 24) {
      out.write(major | (int) value);
      return;
    }
    int sizeLog = value < 1L << 8 ? 0 : value < 1L << 16 ? 1 : value < 1L << 32 ? 2 : 3;
    out.write(major | (24 + sizeLog));
    for (int shift = (8 << sizeLog) - 8; shift >= 0; shift -= 8) {
      out.write((int) (value >>> shift));
    }
  }
}
