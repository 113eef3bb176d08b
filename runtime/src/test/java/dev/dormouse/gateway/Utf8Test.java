package dev.dormouse.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
  @Test
  void itAgreesWithThePlatformOnEveryShortSequenceOfInterest() {
    int[] interesting = {
      0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
      0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff
    };
    int count = interesting.length;
    byte[] bytes = new byte[4];
    for (int i = 0; i < count * count * count * count; i++) {
      int rest = i;
      for (int at = 0; at < 4; at++) {
        bytes[at] = (byte) interesting[rest % count];
        rest /= count;
      }
      check(bytes);
    }
  }

  @Test
  void itAgreesWithThePlatformOnLongTextWithOneByteChanged() {
    var random = new Random(3);
    byte[] text =
        "plain ascii, wörter, 漢字, 🐭 and more ascii".repeat(3).getBytes(StandardCharsets.UTF_8);
    check(text);
    for (int round = 0; round < 50_000; round++) {
      byte[] changed = text.clone();
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      check(changed);
    }
  }

  private static void check(byte[] bytes) {
    boolean valid;
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      valid = true;
    } catch (CharacterCodingException e) {
      valid = false;
    }
    boolean said = Utf8.isValid(bytes, 0, bytes.length);
    if (said != valid) {
      assertEquals(valid, said, HexFormat.of().formatHex(bytes));
    }
  }
}
