package dev.dormouse.host;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The algorithms of the interface {@code crypto}, as the JDK has them. Keys and the numbers inside
 * signatures are drawn from the JDK's own source and never from a simulated one: a number that came
 * twice would give the key away.
 */
final class Crypto {
  private Crypto() {}

  static byte @Nullable [] digest(String hash, byte[] data) {
    try {
      return isHash(hash) || hash.equals("MD5")
          ? MessageDigest.getInstance(hash).digest(data)
          : null;
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  static byte @Nullable [] hmac(String hash, byte[] key, byte[] data) {
    try {
      return isHash(hash) ? mac(hash, key).doFinal(data) : null;
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  static byte[] aes(
      int direction,
      String mode,
      byte[] key,
      byte[] iv,
      byte[] additional,
      int tagBits,
      byte[] data)
      throws GeneralSecurityException {
    if (key.length != 16 && key.length != 24 && key.length != 32) {
      throw new GeneralSecurityException("an AES key has 16, 24 or 32 bytes");
    }
    var gcm = mode.equals("GCM");
    AlgorithmParameterSpec parameters;
    if (gcm) {
      if (iv.length == 0) {
        throw new GeneralSecurityException("the iv of GCM has at least one byte");
      }
      if (tagBits < 96 || tagBits > 128 || tagBits % 8 != 0) {
        throw new GeneralSecurityException("a tag has 96, 104, 112, 120 or 128 bits");
      }
      parameters = new GCMParameterSpec(tagBits, iv);
    } else {
      if (iv.length != 16) {
        throw new GeneralSecurityException("the iv of " + mode + " has 16 bytes");
      }
      parameters = new IvParameterSpec(iv);
    }
    if (mode.equals("CBC") && direction == Cipher.DECRYPT_MODE && data.length == 0) {
      // The JDK's cipher would answer nothing, where padding always makes a block.
      throw new GeneralSecurityException("the ciphertext of CBC has at least one block");
    }
    var cipher =
        switch (mode) {
          case "GCM" -> Cipher.getInstance("AES/GCM/NoPadding");
          case "CBC" -> Cipher.getInstance("AES/CBC/PKCS5Padding");
          case "CTR" -> Cipher.getInstance("AES/CTR/NoPadding");
          default -> throw new GeneralSecurityException("the mode is none of GCM, CBC and CTR");
        };
    cipher.init(direction, new SecretKeySpec(key, "AES"), parameters);
    if (gcm) {
      cipher.updateAAD(additional);
    }
    return cipher.doFinal(data);
  }

  /** Null for an unknown curve. */
  static @Nullable KeyPair generate(String curve) {
    var name = curveName(curve);
    if (name == null) {
      return null;
    }
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(name));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw missing(e);
    }
  }

  static byte[] sign(String curve, String hash, byte[] pkcs8, byte[] data)
      throws GeneralSecurityException {
    var signature = signature(hash);
    PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    requireCurve(curve, key);
    signature.initSign(key);
    signature.update(data);
    return signature.sign();
  }

  static boolean verify(String curve, String hash, byte[] spki, byte[] bytes, byte[] data) {
    try {
      var signature = signature(hash);
      PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(spki));
      requireCurve(curve, key);
      signature.initVerify(key);
      signature.update(data);
      return signature.verify(bytes);
    } catch (GeneralSecurityException notSigned) {
      return false;
    }
  }

  /**
   * RFC 8018, section 5.2. By hand, since the JDK's takes passwords as characters only, and so that
   * each round is paid for as it is done.
   */
  static byte[] pbkdf2(
      String hash, byte[] password, byte[] salt, long iterations, int length, Runnable charge)
      throws GeneralSecurityException {
    requireHash(hash);
    if (iterations == 0) {
      throw new GeneralSecurityException("there is at least one iteration");
    }
    var mac = mac(hash, password);
    var derived = new byte[length];
    int at = 0;
    for (int block = 1; at < length; block++) {
      mac.update(salt);
      mac.update(
          new byte[] {
            (byte) (block >>> 24), (byte) (block >>> 16), (byte) (block >>> 8), (byte) block
          });
      charge.run();
      byte[] round = mac.doFinal();
      byte[] sum = round.clone();
      for (long i = 1; i < iterations; i++) {
        charge.run();
        round = mac.doFinal(round);
        for (int b = 0; b < sum.length; b++) {
          sum[b] ^= round[b];
        }
      }
      int part = Math.min(sum.length, length - at);
      System.arraycopy(sum, 0, derived, at, part);
      at += part;
    }
    return derived;
  }

  /** RFC 5869. By hand, since the JDK's has no SHA-1. */
  static byte[] hkdf(String hash, byte[] key, byte[] salt, byte[] info, int length)
      throws GeneralSecurityException {
    requireHash(hash);
    // An absent salt is one of zeros, which is the same key for HMAC as an empty one.
    var mac = mac(hash, mac(hash, salt).doFinal(key));
    if (length > 255 * mac.getMacLength()) {
      throw new GeneralSecurityException(
          "HKDF with " + hash + " gives at most " + 255 * mac.getMacLength() + " bytes");
    }
    var derived = new byte[length];
    byte[] block = {};
    int at = 0;
    for (int i = 1; at < length; i++) {
      mac.update(block);
      mac.update(info);
      mac.update((byte) i);
      block = mac.doFinal();
      int part = Math.min(block.length, length - at);
      System.arraycopy(block, 0, derived, at, part);
      at += part;
    }
    return derived;
  }

  private static boolean isHash(String hash) {
    return switch (hash) {
      case "SHA-1", "SHA-256", "SHA-384", "SHA-512" -> true;
      default -> false;
    };
  }

  private static void requireHash(String hash) throws GeneralSecurityException {
    if (!isHash(hash)) {
      throw new GeneralSecurityException("the hash is none of SHA-1, SHA-256, SHA-384 and SHA-512");
    }
  }

  private static Mac mac(String hash, byte[] key) throws GeneralSecurityException {
    var name = "Hmac" + hash.replace("-", "");
    var mac = Mac.getInstance(name);
    // Keys are filled up with zeros (RFC 2104), so one zero stands for the empty key.
    mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, name));
    return mac;
  }

  private static Signature signature(String hash) throws GeneralSecurityException {
    requireHash(hash);
    return Signature.getInstance(hash.replace("-", "") + "withECDSAinP1363Format");
  }

  private static @Nullable String curveName(String curve) {
    return switch (curve) {
      case "P-256" -> "secp256r1";
      case "P-384" -> "secp384r1";
      case "P-521" -> "secp521r1";
      default -> null;
    };
  }

  private static void requireCurve(String curve, java.security.Key key)
      throws GeneralSecurityException {
    int bits = key instanceof ECKey ec ? ec.getParams().getCurve().getField().getFieldSize() : 0;
    if (curveName(curve) == null || !curve.equals("P-" + bits)) {
      throw new GeneralSecurityException("the key is not one of the curve " + curve);
    }
  }

  private static AssertionError missing(GeneralSecurityException e) {
    return new AssertionError("every JDK has these algorithms", e);
  }
}
