import { Aes, Context, Curve, Hash, includeText } from "@dormouse/assemblyscript";

const GOLDEN = includeText("../../../host-abi/golden/crypto.tsv");

/** Every row of the golden vectors, and what has no answer that is always the same: "right", or what is not. */
export function checkCrypto(ctx: Context): string {
  const rows = GOLDEN.split("\n");
  let checked = 0;
  for (let i = 0, k = rows.length; i < k; i++) {
    const row = rows[i];
    if (row.length == 0 || row.startsWith("#")) continue;
    if (!checkRow(ctx, row.split("\t"))) return row;
    checked++;
  }
  if (checked < 60) return "too few rows";
  return checkKeys(ctx);
}

function checkKeys(ctx: Context): string {
  const data = Uint8Array.wrap(String.UTF8.encode("data"));
  const code = ctx.crypto.hmac(Hash.Sha256, data, data);
  if (!ctx.crypto.verifyHmac(Hash.Sha256, data, data, code)) return "verifyHmac";
  if (ctx.crypto.verifyHmac(Hash.Sha256, data, code, code)) return "verifyHmac of other data";
  if (ctx.crypto.verifyHmac(Hash.Sha256, data, data, code.slice(1))) return "verifyHmac of a part";
  for (let curve = Curve.P256; curve <= Curve.P521; curve++) {
    const pair = ctx.crypto.generateKeyPair(curve);
    const signature = ctx.crypto.sign(curve, Hash.Sha256, pair.privateKey, data);
    if (!ctx.crypto.verify(curve, Hash.Sha256, pair.publicKey, signature, data)) return "verify";
    if (ctx.crypto.verify(curve, Hash.Sha256, pair.publicKey, signature, code)) return "verify of other data";
  }
  return "right";
}

/** Whether the host answers as the row says. What throws when it is refused is left out. */
function checkRow(ctx: Context, row: string[]): bool {
  const answer = row[row.length - 2];
  const name = row[0];
  if (answer == "refused" && name != "aes-decrypt") return true;
  if (name == "digest") {
    const data = unhex(row[2]);
    return answer == hex(row[1] == "MD5" ? ctx.crypto.md5(data) : ctx.crypto.digest(hashOf(row[1]), data));
  }
  if (name == "hmac") return answer == hex(ctx.crypto.hmac(hashOf(row[1]), unhex(row[2]), unhex(row[3])));
  if (name == "aes-encrypt") {
    const aes = aesOf(row);
    const key = unhex(row[2]);
    const ciphertext = ctx.crypto.encrypt(aes, key, unhex(row[6]));
    const decrypted = ctx.crypto.decrypt(aes, key, ciphertext);
    return hex(ciphertext) == answer && decrypted !== null && hex(decrypted) == row[6];
  }
  if (name == "aes-decrypt") return ctx.crypto.decrypt(aesOf(row), unhex(row[2]), unhex(row[6])) === null;
  if (name == "ecdsa-sign") {
    const curve = curveOf(row[1]);
    const data = unhex(row[4]);
    const signature = ctx.crypto.sign(curve, hashOf(row[2]), unhex(row[3]), data);
    return ctx.crypto.verify(curve, hashOf(row[2]), unhex(answer), signature, data);
  }
  if (name == "ecdsa-verify") {
    const key = unhex(row[3]);
    return answer == ctx.crypto.verify(curveOf(row[1]), hashOf(row[2]), key, unhex(row[4]), unhex(row[5])).toString();
  }
  const first = unhex(row[2]);
  const second = unhex(row[3]);
  if (name == "pbkdf2") {
    return answer == hex(ctx.crypto.pbkdf2(hashOf(row[1]), first, second, <u32>parseInt(row[4]), <u32>parseInt(row[5])));
  }
  return name == "hkdf" && answer == hex(ctx.crypto.hkdf(hashOf(row[1]), first, second, unhex(row[4]), <u32>parseInt(row[5])));
}

function aesOf(row: string[]): Aes {
  const iv = unhex(row[3]);
  if (row[1] == "CBC") return Aes.cbc(iv);
  return row[1] == "CTR" ? Aes.ctr(iv) : Aes.gcm(iv, unhex(row[4]), <i32>parseInt(row[5]));
}

function hashOf(name: string): Hash {
  if (name == "SHA-1") return Hash.Sha1;
  if (name == "SHA-256") return Hash.Sha256;
  return name == "SHA-384" ? Hash.Sha384 : Hash.Sha512;
}

function curveOf(name: string): Curve {
  if (name == "P-256") return Curve.P256;
  return name == "P-384" ? Curve.P384 : Curve.P521;
}

function unhex(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = <u8>parseInt(digits.substr(i * 2, 2), 16);
  return bytes;
}

function hex(bytes: Uint8Array): string {
  let digits = "";
  for (let i = 0; i < bytes.length; i++) digits += (0x100 + <i32>bytes[i]).toString(16).substr(1);
  return digits;
}
