package dev.dormouse.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A key: UTF-8 bytes, ordered bytewise without sign, which is the order of code points.
 *
 * @param utf8 not to be changed
 */
public record StorageKey(byte[] utf8) implements Comparable<StorageKey> {

  public static StorageKey of(String text) {
    return new StorageKey(text.getBytes(StandardCharsets.UTF_8));
  }

  public int length() {
    return utf8.length;
  }

  @Override
  public int compareTo(StorageKey other) {
    return Arrays.compareUnsigned(utf8, other.utf8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StorageKey that && Arrays.equals(utf8, that.utf8);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(utf8);
  }

  @Override
  public String toString() {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
