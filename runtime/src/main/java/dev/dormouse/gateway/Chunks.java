package dev.dormouse.gateway;

/** An answer whose length is not known when it begins (RFC 9112, section 7.1). */
final class Chunks {
  private final Wire wire;

  Chunks(Wire wire) {
    this.wire = wire;
  }

  void write(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    var chunk = new ByteArray(bytes.length + 12);
    chunk.ascii(Integer.toHexString(bytes.length));
    chunk.ascii("\r\n");
    chunk.add(bytes);
    chunk.ascii("\r\n");
    wire.write(chunk.array(), 0, chunk.length());
  }

  void end() {
    var last = new ByteArray(8);
    last.ascii("0\r\n\r\n");
    wire.write(last.array(), 0, last.length());
  }
}
