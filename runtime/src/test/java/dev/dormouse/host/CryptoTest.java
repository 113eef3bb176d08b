package dev.dormouse.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The algorithms against published vectors. */
class CryptoTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] NOTHING = {};

  @ParameterizedTest
  @CsvSource({
    "MD5,900150983cd24fb0d6963f7d28e17f72",
    "SHA-1,a9993e364706816aba3e25717850c26c9cd0d89d",
    "SHA-256,ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  })
  void digestsAreThoseOfTheStandards(String hash, String expected) {
    assertEquals(expected, hex(Crypto.digest(hash, text("abc"))));
  }

  @Test
  void unknownHashesAndCurvesAreNone() {
    assertNull(Crypto.digest("SHA-3", NOTHING));
    assertNull(Crypto.hmac("MD5", NOTHING, NOTHING));
    assertNull(Crypto.generate("P-224"));
  }

  @Test
  void hmacTakesKeysOfAnyLength() {
    assertEquals(
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        hex(Crypto.hmac("SHA-256", text("Jefe"), text("what do ya want for nothing?"))));
    assertEquals(
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
        hex(Crypto.hmac("SHA-256", NOTHING, NOTHING)));
  }

  @Test
  void keysAreDerivedAsTheStandardsSayAndEachRoundIsPaidFor() throws Exception {
    var rounds = new AtomicInteger();
    assertEquals(
        "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
        hex(
            Crypto.pbkdf2(
                "SHA-1", text("password"), text("salt"), 2, 20, rounds::incrementAndGet)));
    assertEquals(2, rounds.get());
    assertEquals(
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        hex(
            Crypto.hkdf(
                "SHA-256",
                HEX.parseHex("0b".repeat(22)),
                HEX.parseHex("000102030405060708090a0b0c"),
                HEX.parseHex("f0f1f2f3f4f5f6f7f8f9"),
                42)));
  }

  @ParameterizedTest
  @CsvSource({"GCM,12,128", "GCM,16,96", "CBC,16,0", "CTR,16,0"})
  void whatIsEncryptedIsDecrypted(String mode, int ivBytes, int tagBits) throws Exception {
    for (int keyBytes : new int[] {16, 24, 32}) {
      var sealed = aes(Cipher.ENCRYPT_MODE, mode, keyBytes, ivBytes, tagBits, text("hello"));
      var opened = aes(Cipher.DECRYPT_MODE, mode, keyBytes, ivBytes, tagBits, sealed);
      assertArrayEquals(text("hello"), opened);
    }
  }

  @Test
  void whatWasTamperedWithIsRefused() throws Exception {
    var sealed = aes(Cipher.ENCRYPT_MODE, "GCM", 16, 12, 128, text("hello"));
    sealed[0] ^= 1;
    assertThrows(
        GeneralSecurityException.class, () -> aes(Cipher.DECRYPT_MODE, "GCM", 16, 12, 128, sealed));
  }

  @ParameterizedTest
  @CsvSource({"GCM,15,12,128", "GCM,16,0,128", "GCM,16,12,120000", "CBC,16,15,0", "ECB,16,16,0"})
  void parametersThatCannotBeAreRefused(String mode, int keyBytes, int ivBytes, int tagBits) {
    assertThrows(
        GeneralSecurityException.class,
        () -> aes(Cipher.ENCRYPT_MODE, mode, keyBytes, ivBytes, tagBits, NOTHING));
  }

  @Test
  void noCiphertextIsNotOneOfCbc() {
    assertThrows(
        GeneralSecurityException.class, () -> aes(Cipher.DECRYPT_MODE, "CBC", 16, 16, 0, NOTHING));
  }

  @ParameterizedTest
  @CsvSource({"P-256,64", "P-384,96", "P-521,132"})
  void aSignatureHoldsForItsDataAndKeyOnly(String curve, int bytes) throws Exception {
    var pair = present(Crypto.generate(curve));
    byte[] secret = pair.getPrivate().getEncoded();
    byte[] open = pair.getPublic().getEncoded();
    var signature = Crypto.sign(curve, "SHA-256", secret, text("hello"));
    assertEquals(bytes, signature.length, "r and s, one after another");
    assertTrue(Crypto.verify(curve, "SHA-256", open, signature, text("hello")));
    assertFalse(Crypto.verify(curve, "SHA-256", open, signature, text("hallo")));
    assertFalse(Crypto.verify(curve, "SHA-512", open, signature, text("hello")));
    assertFalse(Crypto.verify("P-25", "SHA-256", open, signature, text("hello")));
    assertFalse(Crypto.verify(curve, "SHA-256", secret, signature, text("hello")), "no public key");
    assertFalse(Crypto.verify(curve, "SHA-256", open, NOTHING, text("hello")));
  }

  private static byte[] aes(
      int direction, String mode, int keyBytes, int ivBytes, int tagBits, byte[] data)
      throws GeneralSecurityException {
    return Crypto.aes(
        direction, mode, new byte[keyBytes], new byte[ivBytes], text("more"), tagBits, data);
  }

  private static <T> T present(T value) {
    assertNotNull(value);
    return value;
  }

  private static String hex(byte[] bytes) {
    return HEX.formatHex(present(bytes));
  }

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }
}
