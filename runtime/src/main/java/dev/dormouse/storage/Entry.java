package dev.dormouse.storage;

/**
 * A key and its value.
 *
 * @param value not to be changed
 */
public record Entry(StorageKey key, byte[] value) {
  public int bytes() {
    return key.length() + value.length;
  }
}
