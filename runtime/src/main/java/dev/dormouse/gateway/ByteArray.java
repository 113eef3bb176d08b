package dev.dormouse.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow at their end. */
final class ByteArray {
  private byte[] bytes;
  private int length;

  ByteArray(int room) {
    bytes = new byte[Math.max(16, room)];
  }

  int length() {
    return length;
  }

  /** What stands behind it; valid up to {@link #length}. */
  byte[] array() {
    return bytes;
  }

  void clear() {
    length = 0;
  }

  /** The bytes, in an array that has no others. */
  byte[] exact() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  void add(int octet) {
    room(1);
    bytes[length++] = (byte) octet;
  }

  void add(byte[] more) {
    add(more, 0, more.length);
  }

  void add(byte[] more, int from, int count) {
    room(count);
    System.arraycopy(more, from, bytes, length, count);
    length += count;
  }

  @SuppressWarnings("deprecation") // the only copy of characters that makes no array of its own
  void ascii(String text) {
    room(text.length());
    text.getBytes(0, text.length(), bytes, length);
    length += text.length();
  }

  void text(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        add(text.getBytes(StandardCharsets.UTF_8));
        return;
      }
    }
    ascii(text);
  }

  void number(int value) {
    ascii(Integer.toString(value));
  }

  private void room(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, count), bytes.length * 2));
    }
  }
}
