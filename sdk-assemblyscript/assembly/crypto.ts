import { crypto } from "./abi/imports";
import { NO_BYTES, RET, pointerOf, takeBytes, takeReturnedBytes, takeString, utf8 } from "./abi/memory";

/** A hash function. SHA-1 is for what still demands it: collisions are known. */
export enum Hash { Sha1, Sha256, Sha384, Sha512 }

/** An elliptic curve for ECDSA. Its signatures have 64, 96 and 132 bytes. */
export enum Curve { P256, P384, P521 }

/** A way to encrypt with AES. Keys have 16, 24 or 32 bytes. */
export class Aes {
  private constructor(
    readonly mode: string,
    readonly iv: Uint8Array,
    readonly additionalData: Uint8Array,
    readonly tagBits: i32
  ) {}

  /**
   * AES-GCM, which also tells whether what it decrypts was changed. The nonce has at least one byte,
   * best 12, and is never used twice with a key. The tag, of 96, 104, 112, 120 or 128 bits, follows
   * the ciphertext; it vouches for the additional data, too, which is not part of that.
   */
  static gcm(nonce: Uint8Array, additionalData: Uint8Array = NO_BYTES, tagBits: i32 = 128): Aes {
    return new Aes("GCM", nonce, additionalData, tagBits);
  }

  /** AES-CBC with the padding of PKCS #7. The initialisation vector has 16 bytes. */
  static cbc(iv: Uint8Array): Aes {
    return new Aes("CBC", iv, NO_BYTES, 0);
  }

  /** AES-CTR. The first counter has 16 bytes, all of which count. */
  static ctr(counter: Uint8Array): Aes {
    return new Aes("CTR", counter, NO_BYTES, 0);
  }
}

/** A private key as PKCS #8 and its public key as SubjectPublicKeyInfo, both in DER. */
export class KeyPair {
  constructor(readonly privateKey: Uint8Array, readonly publicKey: Uint8Array) {}
}

/** Cryptography that the host does, at the price of fuel by the byte. */
export class Crypto {
  digest(hash: Hash, data: Uint8Array): Uint8Array {
    return this.hashed(nameOf(hash), data);
  }

  /** For checksums that demand it: it protects nothing. */
  md5(data: Uint8Array): Uint8Array {
    return this.hashed("MD5", data);
  }

  private hashed(hash: string, data: Uint8Array): Uint8Array {
    const name = utf8(hash);
    crypto.digest(pointerOf(name), name.byteLength, data.dataStart, data.byteLength, RET);
    return takeReturnedBytes()!;
  }

  /** The message authentication code of bytes, with a key of any length. */
  hmac(hash: Hash, key: Uint8Array, data: Uint8Array): Uint8Array {
    const name = utf8(nameOf(hash));
    crypto.hmac(
      pointerOf(name), name.byteLength, key.dataStart, key.byteLength, data.dataStart, data.byteLength, RET
    );
    return takeReturnedBytes()!;
  }

  /** Whether this is the code of the bytes. How long it takes does not say where the two differ. */
  verifyHmac(hash: Hash, key: Uint8Array, data: Uint8Array, code: Uint8Array): bool {
    const right = this.hmac(hash, key, data);
    if (right.length != code.length) return false;
    let differences: u8 = 0;
    for (let i = 0, k = right.length; i < k; i++) differences |= right[i] ^ code[i];
    return differences == 0;
  }

  /** The ciphertext of bytes. Throws where the key or a parameter has a length that it cannot have. */
  encrypt(aes: Aes, key: Uint8Array, data: Uint8Array): Uint8Array {
    const mode = utf8(aes.mode);
    crypto.aesEncrypt(
      pointerOf(mode), mode.byteLength, key.dataStart, key.byteLength, aes.iv.dataStart, aes.iv.byteLength,
      aes.additionalData.dataStart, aes.additionalData.byteLength, aes.tagBits, data.dataStart, data.byteLength, RET
    );
    return take();
  }

  /**
   * The bytes of a ciphertext, or null where it was not encrypted so, with this key; but with CTR, and
   * now and then with CBC, such a ciphertext gives bytes without a meaning. It never throws: what is
   * decrypted comes from elsewhere.
   */
  decrypt(aes: Aes, key: Uint8Array, data: Uint8Array): Uint8Array | null {
    const mode = utf8(aes.mode);
    crypto.aesDecrypt(
      pointerOf(mode), mode.byteLength, key.dataStart, key.byteLength, aes.iv.dataStart, aes.iv.byteLength,
      aes.additionalData.dataStart, aes.additionalData.byteLength, aes.tagBits, data.dataStart, data.byteLength, RET
    );
    const bytes = takeBytes(load<usize>(RET, 4), load<i32>(RET, 8));
    return load<u8>(RET) == 0 ? bytes : null;
  }

  generateKeyPair(curve: Curve): KeyPair {
    const name = utf8(nameOfCurve(curve));
    crypto.generateKeyPair(pointerOf(name), name.byteLength, RET);
    const privateKey = takeBytes(load<usize>(RET, 4), load<i32>(RET, 8));
    return new KeyPair(privateKey, takeBytes(load<usize>(RET, 12), load<i32>(RET, 16)));
  }

  /**
   * The ECDSA signature of bytes: r and s, one after another, each as long as the curve's numbers.
   * Throws where the private key (PKCS #8, in DER) is none of the curve.
   */
  sign(curve: Curve, hash: Hash, privateKey: Uint8Array, data: Uint8Array): Uint8Array {
    const name = utf8(nameOfCurve(curve));
    const digest = utf8(nameOf(hash));
    crypto.ecdsaSign(
      pointerOf(name), name.byteLength, pointerOf(digest), digest.byteLength,
      privateKey.dataStart, privateKey.byteLength, data.dataStart, data.byteLength, RET
    );
    return take();
  }

  /**
   * Whether this is a signature of the bytes by the owner of the public key (SubjectPublicKeyInfo, in
   * DER). False, too, for a key or signature that is none.
   */
  verify(curve: Curve, hash: Hash, publicKey: Uint8Array, signature: Uint8Array, data: Uint8Array): bool {
    const name = utf8(nameOfCurve(curve));
    const digest = utf8(nameOf(hash));
    return crypto.ecdsaVerify(
      pointerOf(name), name.byteLength, pointerOf(digest), digest.byteLength,
      publicKey.dataStart, publicKey.byteLength, signature.dataStart, signature.byteLength,
      data.dataStart, data.byteLength
    ) != 0;
  }

  /** A key of at most 4,096 bytes from a password. Throws for more, and without iterations. */
  pbkdf2(hash: Hash, password: Uint8Array, salt: Uint8Array, iterations: u32, length: u32): Uint8Array {
    const name = utf8(nameOf(hash));
    crypto.pbkdf2(
      pointerOf(name), name.byteLength, password.dataStart, password.byteLength,
      salt.dataStart, salt.byteLength, iterations, length, RET
    );
    return take();
  }

  /** A key of at most 4,096 bytes from another one. Throws for more than the hash gives. */
  hkdf(hash: Hash, key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: u32): Uint8Array {
    const name = utf8(nameOf(hash));
    crypto.hkdf(
      pointerOf(name), name.byteLength, key.dataStart, key.byteLength,
      salt.dataStart, salt.byteLength, info.dataStart, info.byteLength, length, RET
    );
    return take();
  }
}

/** The `result<list<u8>, string>` at RET. */
function take(): Uint8Array {
  const pointer = load<usize>(RET, 4);
  const length = load<i32>(RET, 8);
  if (load<u8>(RET) != 0) throw new Error(takeString(pointer, length));
  return takeBytes(pointer, length);
}

function nameOf(hash: Hash): string {
  switch (hash) {
    case Hash.Sha1: return "SHA-1";
    case Hash.Sha256: return "SHA-256";
    case Hash.Sha384: return "SHA-384";
    default: return "SHA-512";
  }
}

function nameOfCurve(curve: Curve): string {
  switch (curve) {
    case Curve.P256: return "P-256";
    case Curve.P384: return "P-384";
    default: return "P-521";
  }
}
