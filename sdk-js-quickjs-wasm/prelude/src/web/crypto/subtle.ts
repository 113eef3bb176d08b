import { DOMException } from "../../core/errors";
import { host } from "../../core/host";
import { base64url, bytesOf, unbase64url } from "../encoding";
import * as ec from "./ec";
import { type Algorithm, CryptoKey, dataOf, newKey, publicDataOf, requireUsage } from "./key";

const HASHES: Record<string, { bytes: number; block: number }> = {
  "SHA-1": { bytes: 20, block: 64 },
  "SHA-256": { bytes: 32, block: 64 },
  "SHA-384": { bytes: 48, block: 128 },
  "SHA-512": { bytes: 64, block: 128 },
};
const NAMES = ["HMAC", "AES-GCM", "AES-CBC", "AES-CTR", "ECDSA", "PBKDF2", "HKDF"];
const NOTHING = new Uint8Array(0);

function normal(algorithm: unknown): Algorithm {
  const given = typeof algorithm === "string" ? { name: algorithm } : (algorithm as Algorithm);
  if (typeof given?.name !== "string") {
    throw new TypeError("An algorithm is a name or an object with one");
  }
  const name = [...NAMES, ...Object.keys(HASHES), "MD5"].find((known) => known === given.name.toUpperCase());
  if (!name) {
    throw new DOMException(`The algorithm ${given.name} is not supported`, "NotSupportedError");
  }
  return { ...given, name };
}

function hashName(hash: unknown): string {
  const { name } = normal(hash);
  if (!HASHES[name]) {
    throw new DOMException(`${name} is no hash for this`, "NotSupportedError");
  }
  return name;
}

function copy(source: unknown): Uint8Array {
  return bytesOf(source).slice();
}

function done(bytes: Uint8Array | undefined, message: string): ArrayBuffer {
  if (!bytes) {
    throw new DOMException(message, "OperationError");
  }
  return (bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer;
}

function aes(algorithm: Algorithm, key: CryptoKey, encrypt: boolean, data: unknown): ArrayBuffer {
  const mode = algorithm.name.slice(4) as "GCM" | "CBC" | "CTR";
  const iv = bytesOf(mode === "CTR" ? algorithm.counter : algorithm.iv);
  const tagBits = mode === "GCM" ? (algorithm.tagLength ?? 128) : 0;
  const extra = mode === "GCM" && algorithm.additionalData ? bytesOf(algorithm.additionalData) : NOTHING;
  return done(
    host.crypto.aes(mode, encrypt, dataOf(key), iv, extra, tagBits, bytesOf(data)),
    encrypt ? "The data could not be encrypted: look at the iv's length" : "The data could not be decrypted",
  );
}

function requireCurve(algorithm: Algorithm): string {
  if (!ec.CURVES[algorithm.namedCurve]) {
    throw new DOMException(`The curve ${algorithm.namedCurve} is not supported`, "NotSupportedError");
  }
  return algorithm.namedCurve;
}

const SECRET_USAGES: Record<string, string[]> = {
  HMAC: ["sign", "verify"],
  "AES-GCM": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  "AES-CBC": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  "AES-CTR": ["encrypt", "decrypt", "wrapKey", "unwrapKey"],
  PBKDF2: ["deriveBits", "deriveKey"],
  HKDF: ["deriveBits", "deriveKey"],
};

function secretKey(algorithm: Algorithm, data: Uint8Array, extractable: boolean, usages: Iterable<string>): CryptoKey {
  const { name } = algorithm;
  let about: Algorithm = { name };
  if (name.startsWith("AES")) {
    if (![16, 24, 32].includes(data.length)) {
      throw new DOMException("An AES key has 128, 192 or 256 bits", "DataError");
    }
    about = { name, length: data.length * 8 };
  } else if (name === "HMAC") {
    if (data.length === 0) {
      throw new DOMException("An HMAC key is not empty", "DataError");
    }
    about = { name, hash: { name: hashName(algorithm.hash) }, length: data.length * 8 };
  } else if (extractable) {
    throw new DOMException(`A key for ${name} cannot be extractable`, "SyntaxError");
  }
  return newKey("secret", extractable, about, usages, SECRET_USAGES[name]!, data);
}

function jwkName(key: CryptoKey): string | undefined {
  const { name, length, hash } = key.algorithm;
  return name === "HMAC" ? "HS" + (hash.name === "SHA-1" ? "1" : hash.name.slice(4)) : `A${length}${name.slice(4)}`;
}

export class SubtleCrypto {
  async digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    return done(host.crypto.digest(normal(algorithm).name, bytesOf(data)), "The digest could not be made");
  }

  async sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    const given = normal(algorithm);
    requireUsage(key, given.name, "sign");
    if (given.name === "HMAC") {
      return done(host.crypto.hmac(key.algorithm.hash.name, dataOf(key), bytesOf(data)), "The data could not be signed");
    }
    return done(
      host.crypto.ecdsaSign(key.algorithm.namedCurve, hashName(given.hash), dataOf(key), bytesOf(data)),
      "The data could not be signed",
    );
  }

  async verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    const given = normal(algorithm);
    requireUsage(key, given.name, "verify");
    const signed = bytesOf(signature);
    if (given.name === "HMAC") {
      const expected = new Uint8Array(done(host.crypto.hmac(key.algorithm.hash.name, dataOf(key), bytesOf(data)), "The signature could not be checked"));
      let difference = expected.length ^ signed.length;
      for (let i = 0; i < expected.length; i++) {
        difference |= expected[i]! ^ (signed[i] ?? 0);
      }
      return difference === 0;
    }
    return host.crypto.ecdsaVerify(key.algorithm.namedCurve, hashName(given.hash), dataOf(key), signed, bytesOf(data));
  }

  async encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    const given = normal(algorithm);
    requireUsage(key, given.name, "encrypt");
    return aes(given, key, true, data);
  }

  async decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    const given = normal(algorithm);
    requireUsage(key, given.name, "decrypt");
    return aes(given, key, false, data);
  }

  async generateKey(algorithm: unknown, extractable: boolean, usages: Iterable<string>): Promise<unknown> {
    const given = normal(algorithm);
    if (given.name === "ECDSA") {
      const namedCurve = requireCurve(given);
      const pair = host.crypto.generateKeyPair(namedCurve);
      if (!pair) {
        throw new DOMException("The key pair could not be made", "OperationError");
      }
      const about = { name: "ECDSA", namedCurve };
      const list = [...usages];
      const wrong = list.find((usage) => usage !== "sign" && usage !== "verify");
      if (wrong !== undefined || !list.includes("sign")) {
        throw new DOMException('A key pair for ECDSA has the usages "sign" and "verify"', "SyntaxError");
      }
      return {
        privateKey: newKey("private", Boolean(extractable), about, list.filter((u) => u === "sign"), ["sign"], pair[0], pair[1]),
        publicKey: newKey("public", true, { ...about }, list.filter((u) => u === "verify"), ["verify"], pair[1]),
      };
    }
    let bits: number;
    if (given.name === "HMAC") {
      bits = given.length ?? HASHES[hashName(given.hash)]!.block * 8;
    } else if (given.name.startsWith("AES")) {
      bits = Number(given.length);
    } else {
      throw new DOMException(`Keys for ${given.name} are not generated`, "NotSupportedError");
    }
    if (!(bits > 0 && bits <= 8192) || bits % 8 !== 0) {
      throw new DOMException("A key has a whole number of bytes", "OperationError");
    }
    return secretKey(given, host.randomBytes(bits / 8), Boolean(extractable), usages);
  }

  async importKey(format: string, data: any, algorithm: unknown, extractable: boolean, usages: Iterable<string>): Promise<CryptoKey> {
    const given = normal(algorithm);
    if (given.name === "ECDSA") {
      return importEc(format, data, requireCurve(given), Boolean(extractable), usages);
    }
    if (!SECRET_USAGES[given.name]) {
      throw new DOMException(`Keys for ${given.name} cannot be imported`, "NotSupportedError");
    }
    if (format === "raw") {
      return secretKey(given, copy(data), Boolean(extractable), usages);
    }
    if (format === "jwk" && data?.kty === "oct" && typeof data.k === "string") {
      const bytes = unbase64url(data.k);
      if (!bytes) {
        throw new DOMException("The JWK's k is no base64url", "DataError");
      }
      const key = secretKey(given, bytes, Boolean(extractable), usages);
      if (data.alg !== undefined && data.alg !== jwkName(key)) {
        throw new DOMException(`The JWK is for ${String(data.alg)}`, "DataError");
      }
      return key;
    }
    throw new DOMException(`A key for ${given.name} is not imported from ${format}`, "NotSupportedError");
  }

  async exportKey(format: string, key: CryptoKey): Promise<unknown> {
    if (!(key instanceof CryptoKey) || !key.extractable) {
      throw new DOMException("The key is not extractable", "InvalidAccessError");
    }
    const data = dataOf(key);
    const curve = key.algorithm.namedCurve as string;
    switch (`${key.type} ${format}`) {
      case "secret raw":
      case "public spki":
      case "private pkcs8":
        return data.slice().buffer;
      case "public raw":
        return ec.pointFromSpki(curve, data).buffer;
      case "secret jwk":
        return { kty: "oct", k: base64url(data), alg: jwkName(key), ext: true, key_ops: [...key.usages] };
      case "public jwk":
        return { ...ec.toJwk(curve, data, undefined), ext: true, key_ops: [...key.usages] };
      case "private jwk": {
        const spki = publicDataOf(key);
        if (!spki) {
          throw new DOMException("The private key was imported without its public half, which a JWK needs", "OperationError");
        }
        return { ...ec.toJwk(curve, spki, data), ext: true, key_ops: [...key.usages] };
      }
      default:
        throw new DOMException(`A ${key.type} key for ${key.algorithm.name} has no form ${format}`, "NotSupportedError");
    }
  }

  async deriveBits(algorithm: unknown, key: unknown, length: number): Promise<ArrayBuffer> {
    const given = normal(algorithm);
    requireUsage(key, given.name, "deriveBits");
    return derive(given, key, length);
  }

  async deriveKey(algorithm: unknown, key: unknown, derived: unknown, extractable: boolean, usages: Iterable<string>): Promise<CryptoKey> {
    const given = normal(algorithm);
    requireUsage(key, given.name, "deriveKey");
    const wanted = normal(derived);
    const bits = wanted.name === "HMAC" ? (wanted.length ?? HASHES[hashName(wanted.hash)]!.block * 8) : Number(wanted.length);
    return secretKey(wanted, new Uint8Array(derive(given, key, bits)), Boolean(extractable), usages);
  }

  async wrapKey(format: string, key: CryptoKey, wrapping: unknown, algorithm: unknown): Promise<ArrayBuffer> {
    const given = normal(algorithm);
    requireUsage(wrapping, given.name, "wrapKey");
    const exported = await this.exportKey(format, key);
    return aes(given, wrapping, true, format === "jwk" ? host.utf8Encode(JSON.stringify(exported)) : exported);
  }

  async unwrapKey(format: string, wrapped: unknown, unwrapping: unknown, algorithm: unknown, keyAlgorithm: unknown, extractable: boolean, usages: Iterable<string>): Promise<CryptoKey> {
    const given = normal(algorithm);
    requireUsage(unwrapping, given.name, "unwrapKey");
    const bytes = new Uint8Array(aes(given, unwrapping, false, wrapped));
    return this.importKey(format, format === "jwk" ? JSON.parse(host.utf8Decode(bytes, true)) : bytes, keyAlgorithm, extractable, usages);
  }

  /** Compares two buffers of one length in a time that does not tell where they differ. */
  timingSafeEqual(a: unknown, b: unknown): boolean {
    const [x, y] = [bytesOf(a), bytesOf(b)];
    if (x.length !== y.length) {
      throw new TypeError("Input buffers must have the same byte length");
    }
    let difference = 0;
    for (let i = 0; i < x.length; i++) {
      difference |= x[i]! ^ y[i]!;
    }
    return difference === 0;
  }
}

function derive(algorithm: Algorithm, key: CryptoKey, bits: number): ArrayBuffer {
  if (!(bits > 0) || bits % 8 !== 0) {
    throw new DOMException("The length to derive is a positive multiple of 8 bits", "OperationError");
  }
  const hash = hashName(algorithm.hash);
  const salt = bytesOf(algorithm.salt);
  return done(
    algorithm.name === "PBKDF2"
      ? host.crypto.pbkdf2(hash, dataOf(key), salt, Number(algorithm.iterations), bits / 8)
      : host.crypto.hkdf(hash, dataOf(key), salt, bytesOf(algorithm.info), bits / 8),
    "The bits could not be derived",
  );
}

function importEc(format: string, data: any, curve: string, extractable: boolean, usages: Iterable<string>): CryptoKey {
  const about = { name: "ECDSA", namedCurve: curve };
  const publicKey = (spki: Uint8Array): CryptoKey => newKey("public", extractable, about, usages, ["verify"], spki);
  const privateKey = (pkcs8: Uint8Array, spki?: Uint8Array): CryptoKey =>
    newKey("private", extractable, about, usages, ["sign"], pkcs8, spki);
  switch (format) {
    case "raw":
      return publicKey(ec.spkiFromPoint(curve, copy(data)));
    case "spki": {
      const spki = copy(data);
      ec.requireSpki(curve, spki);
      return publicKey(spki);
    }
    case "pkcs8": {
      const pkcs8 = copy(data);
      const { point } = ec.partsOfPkcs8(curve, pkcs8);
      return privateKey(pkcs8, point && ec.spkiFromPoint(curve, point));
    }
    case "jwk": {
      const { spki, pkcs8 } = ec.fromJwk(curve, data);
      return pkcs8 ? privateKey(pkcs8, spki) : publicKey(spki);
    }
    default:
      throw new DOMException(`A key for ECDSA is not imported from ${format}`, "NotSupportedError");
  }
}
