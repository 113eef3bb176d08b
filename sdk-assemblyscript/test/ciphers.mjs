/** The ciphers and signatures of the interface `crypto`, as Node.js has them. */

import { createCipheriv, createDecipheriv, createPrivateKey, createPublicKey, generateKeyPairSync, sign as signWith, verify as verifyWith } from "node:crypto";

const CURVES = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1" };

function cipher(make, mode, key, iv, additional, tagBits) {
  const made = make(`aes-${key.length * 8}-${mode.toLowerCase()}`, key, iv, { authTagLength: tagBits / 8 });
  return mode === "GCM" ? made.setAAD(additional) : made;
}

export function encrypt(mode, key, iv, additional, tagBits, data) {
  const made = cipher(createCipheriv, mode, key, iv, additional, tagBits);
  const ciphertext = Buffer.concat([made.update(data), made.final()]);
  return mode === "GCM" ? Buffer.concat([ciphertext, made.getAuthTag()]) : ciphertext;
}

export function decrypt(mode, key, iv, additional, tagBits, data) {
  const made = cipher(createDecipheriv, mode, key, iv, additional, tagBits);
  if (mode !== "GCM") return Buffer.concat([made.update(data), made.final()]);
  const end = data.length - tagBits / 8;
  if (end < 0) throw new Error("Tag mismatch");
  made.setAuthTag(data.subarray(end));
  return Buffer.concat([made.update(data.subarray(0, end)), made.final()]);
}

export function keyPair(curve) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: CURVES[curve],
    privateKeyEncoding: { type: "pkcs8", format: "der" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
  return [privateKey, publicKey];
}

function requireCurve(key, curve) {
  if (key.asymmetricKeyDetails?.namedCurve !== CURVES[curve]) throw new Error(`the key is not one of the curve ${curve}`);
  return { key, dsaEncoding: "ieee-p1363" };
}

export function sign(curve, hash, privateKey, data) {
  const key = createPrivateKey({ key: Buffer.from(privateKey), format: "der", type: "pkcs8" });
  return signWith(hash, data, requireCurve(key, curve));
}

export function verify(curve, hash, publicKey, signature, data) {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
    return verifyWith(hash, data, requireCurve(key, curve), signature);
  } catch {
    return false;
  }
}
