package dev.dormouse.guest.chicory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FoldTest {
  private static final int LONGEST = 20_000;
  private final Random random = new Random(1);

  private byte[] bytes(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A memory that has parts of the pattern, zeros, and parts of its own, long and short. */
  private byte[] like(byte[] pattern) {
    var memory = new byte[random.nextInt(LONGEST)];
    System.arraycopy(pattern, 0, memory, 0, Math.min(pattern.length, memory.length));
    for (int changes = random.nextInt(60); changes > 0 && memory.length > 0; changes--) {
      int at = random.nextInt(memory.length);
      int most = random.nextInt(10) == 0 ? 4_000 : 40;
      int end = Math.min(memory.length, at + 1 + random.nextInt(most));
      for (int i = at; i < end; i++) {
        memory[i] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0);
      }
    }
    return memory;
  }

  @Test
  void whateverIsFoldedComesBackByteForByte() {
    for (int i = 0; i < 5_000; i++) {
      var pattern = bytes(random.nextInt(LONGEST));
      var memory = like(pattern);
      var fold = Fold.of(memory, pattern, Integer.MAX_VALUE);
      assertNotNull(fold);
      assertArrayEquals(memory, fold.unfold(pattern));
      if (memory.length == pattern.length) {
        fold.apply(pattern);
        assertArrayEquals(memory, pattern);
      }
    }
  }

  @Test
  void aMemoryOfThePatternsLengthMayBeMadeOutOfThePatternItself() {
    for (int i = 0; i < 1_000; i++) {
      var memory = like(bytes(LONGEST));
      var pattern = like(memory);
      pattern = Arrays.copyOf(pattern, memory.length);
      var fold = Fold.of(memory, pattern, Integer.MAX_VALUE);
      assertNotNull(fold);
      fold.apply(pattern);
      assertArrayEquals(memory, pattern);
    }
  }

  @Test
  void whatIsAlikeAndWhatIsZeroBeyondThePatternTakesNothing() {
    var pattern = bytes(10_000);
    var longer = Arrays.copyOf(pattern, 50_000);
    for (var memory : new byte[][] {pattern.clone(), new byte[0], longer}) {
      var fold = Fold.of(memory, pattern, 0);
      assertNotNull(fold);
      assertEquals(0, fold.runs().length);
      assertArrayEquals(memory, fold.unfold(pattern));
    }
  }

  @Test
  void aFewBytesThatDifferTakeAFewBytes() {
    var pattern = bytes(100_000);
    var memory = pattern.clone();
    for (int at : new int[] {0, 7, 31, 5_000, 5_009, 99_999}) {
      memory[at]++;
    }
    var fold = Fold.of(memory, pattern, Integer.MAX_VALUE);
    assertNotNull(fold);
    assertTrue(fold.runs().length < 50, "bytes: " + fold.runs().length);
    assertArrayEquals(memory, fold.unfold(pattern));
  }

  @Test
  void whatWouldTakeTooMuchIsNotFolded() {
    var pattern = bytes(10_000);
    assertNull(Fold.of(bytes(10_000), pattern, 7_500));
    var memory = pattern.clone();
    System.arraycopy(bytes(7_000), 0, memory, 0, 7_000);
    var fold = Fold.of(memory, pattern, 7_500);
    assertNotNull(fold);
    assertTrue(fold.runs().length <= 7_500);
    assertNull(Fold.of(bytes(10_000), new byte[0], 7_500));
  }
}
