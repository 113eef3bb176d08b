package dev.dormouse.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.dormouse.abi.Abi;
import dev.dormouse.guest.Lower;
import java.security.GeneralSecurityException;
import java.util.Map;
import javax.crypto.Cipher;

/**
 * Interface {@code crypto}: each function charges for its bytes and hands them to {@link Crypto}.
 */
final class CryptoImports {
  private CryptoImports() {}

  /** A computation that answers bytes, or says why it cannot. */
  private interface Computation {
    byte[] run() throws GeneralSecurityException;
  }

  static void into(HostImports.Table table) {
    table.add("crypto", "digest", HostCost.CRYPTO, CryptoImports::digest);
    table.add("crypto", "hmac", HostCost.CRYPTO, CryptoImports::hmac);
    table.add("crypto", "aes-encrypt", HostCost.CRYPTO, call -> aes(call, Cipher.ENCRYPT_MODE));
    table.add("crypto", "aes-decrypt", HostCost.CRYPTO, call -> aes(call, Cipher.DECRYPT_MODE));
    table.add("crypto", "generate-key-pair", HostCost.SIGNATURE, CryptoImports::generate);
    table.add("crypto", "ecdsa-sign", HostCost.SIGNATURE, CryptoImports::sign);
    table.add("crypto", "ecdsa-verify", HostCost.SIGNATURE, CryptoImports::verify);
    table.add("crypto", "pbkdf2", HostCost.CRYPTO, CryptoImports::pbkdf2);
    table.add("crypto", "hkdf", HostCost.CRYPTO, CryptoImports::hkdf);
  }

  private static long digest(Call call) {
    var hash = call.string("hash");
    var data = data(call, "data");
    Lower.optionBytesAt(call.guest(), call.i32(), Crypto.digest(hash, data), call.name());
    return 0;
  }

  private static long hmac(Call call) {
    var hash = call.string("hash");
    var key = data(call, "key");
    var data = data(call, "data");
    Lower.optionBytesAt(call.guest(), call.i32(), Crypto.hmac(hash, key, data), call.name());
    return 0;
  }

  private static long aes(Call call, int direction) {
    var mode = call.string("mode");
    var key = call.bytes("key");
    var iv = call.bytes("iv");
    var additional = data(call, "additional-data");
    int tagBits = call.i32() & 0xff;
    var data = data(call, "data");
    return answer(call, () -> Crypto.aes(direction, mode, key, iv, additional, tagBits, data));
  }

  private static long generate(Call call) {
    var pair = Crypto.generate(call.string("curve"));
    Lower.optionPairAt(
        call.guest(),
        call.i32(),
        pair == null
            ? null
            : Map.entry(pair.getPrivate().getEncoded(), pair.getPublic().getEncoded()),
        call.name());
    return 0;
  }

  private static long sign(Call call) {
    var curve = call.string("curve");
    var hash = call.string("hash");
    var key = call.bytes("private-key");
    var data = data(call, "data");
    return answer(call, () -> Crypto.sign(curve, hash, key, data));
  }

  private static long verify(Call call) {
    var curve = call.string("curve");
    var hash = call.string("hash");
    var key = call.bytes("public-key");
    var signature = call.bytes("signature");
    var data = data(call, "data");
    return Crypto.verify(curve, hash, key, signature, data) ? 1 : 0;
  }

  private static long pbkdf2(Call call) {
    var hash = call.string("hash");
    var password = call.bytes("password");
    var salt = call.bytes("salt");
    long iterations = Integer.toUnsignedLong(call.i32());
    long length = Integer.toUnsignedLong(call.i32());
    return answer(
        call,
        () -> {
          requireLength(length);
          return Crypto.pbkdf2(
              hash,
              password,
              salt,
              iterations,
              (int) length,
              () -> call.charge(HostCost.HASH_ROUND));
        });
  }

  private static long hkdf(Call call) {
    var hash = call.string("hash");
    var key = data(call, "key");
    var salt = data(call, "salt");
    var info = data(call, "info");
    long length = Integer.toUnsignedLong(call.i32());
    return answer(
        call,
        () -> {
          requireLength(length);
          call.charge(length * HostCost.CRYPTO_BYTE * 2);
          return Crypto.hkdf(hash, key, salt, info, (int) length);
        });
  }

  private static void requireLength(long length) throws GeneralSecurityException {
    if (length > Abi.MAX_DERIVED_BYTES) {
      throw new GeneralSecurityException(
          "at most " + Abi.MAX_DERIVED_BYTES + " bytes are derived at a time");
    }
  }

  private static byte[] data(Call call, String parameter) {
    var data = call.bytes(parameter);
    call.charge(data.length * HostCost.CRYPTO_BYTE);
    return data;
  }

  private static long answer(Call call, Computation computation) {
    boolean error = false;
    byte[] bytes;
    try {
      bytes = computation.run();
    } catch (GeneralSecurityException refused) {
      error = true;
      bytes = String.valueOf(refused.getMessage()).getBytes(UTF_8);
    }
    Lower.resultAt(call.guest(), call.i32(), error, bytes, call.name());
    return 0;
  }
}
