import { crypto } from "./abi/imports";
import { RET, pointerOf, takeBytes, takeReturnedBytes, takeString, utf8 } from "./abi/memory";

/** A hash function. SHA-1 is for what still demands it: collisions are known. */
export enum Hash { Sha1, Sha256, Sha384, Sha512 }

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

  /** A key of at most 4,096 bytes from a password. Throws for more, and without iterations. */
  pbkdf2(hash: Hash, password: Uint8Array, salt: Uint8Array, iterations: u32, length: u32): Uint8Array {
    const name = utf8(nameOf(hash));
    crypto.pbkdf2(
      pointerOf(name), name.byteLength, password.dataStart, password.byteLength,
      salt.dataStart, salt.byteLength, iterations, length, RET
    );
    return takeDerived();
  }

  /** A key of at most 4,096 bytes from another one. Throws for more than the hash gives. */
  hkdf(hash: Hash, key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: u32): Uint8Array {
    const name = utf8(nameOf(hash));
    crypto.hkdf(
      pointerOf(name), name.byteLength, key.dataStart, key.byteLength,
      salt.dataStart, salt.byteLength, info.dataStart, info.byteLength, length, RET
    );
    return takeDerived();
  }
}

/** The `result<list<u8>, string>` at RET. */
function takeDerived(): Uint8Array {
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
