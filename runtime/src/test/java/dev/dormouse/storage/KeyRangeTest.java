package dev.dormouse.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class KeyRangeTest {

  @Test
  void allBoundsHoldTogether() {
    var range =
        new KeyRange(
            StorageKey.of("ab"),
            StorageKey.of("ac"),
            StorageKey.of("az"),
            StorageKey.of("a"),
            false,
            10);
    assertFalse(range.contains(StorageKey.of("ab")));
    assertFalse(range.contains(StorageKey.of("ac")));
    assertTrue(range.contains(StorageKey.of("ac\0")));
    assertTrue(range.contains(StorageKey.of("ay")));
    assertFalse(range.contains(StorageKey.of("az")));
    assertFalse(range.contains(StorageKey.of("b")));
  }

  @Test
  void theUpperBoundOfAPrefixSkipsBytesThatCannotGrow() {
    var prefix = new StorageKey(new byte[] {1, (byte) 0xff, (byte) 0xff});
    var range = new KeyRange(null, null, null, prefix, false, 10);
    assertEquals(new StorageKey(new byte[] {2}), range.to());
    var topmost = new StorageKey(new byte[] {(byte) 0xff});
    assertNull(new KeyRange(null, null, null, topmost, false, 10).to());
    assertNull(KeyRange.ALL.from());
  }
}
