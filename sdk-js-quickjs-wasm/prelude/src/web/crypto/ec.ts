import { DOMException } from "../../core/errors";
import { base64url, unbase64url } from "../encoding";

interface Curve {
  size: number;
  oid: number[];
}

export const CURVES: Record<string, Curve> = {
  "P-256": { size: 32, oid: [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] },
  "P-384": { size: 48, oid: [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22] },
  "P-521": { size: 66, oid: [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23] },
};
const EC_KEY = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

function der(tag: number, ...parts: (number[] | Uint8Array)[]): number[] {
  const content = parts.flatMap((part) => [...part]);
  const length =
    content.length < 128
      ? [content.length]
      : content.length < 256
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff];
  return [tag, ...length, ...content];
}

function algorithm(curve: Curve): number[] {
  return der(0x30, EC_KEY, curve.oid);
}

export function spkiFromPoint(curveName: string, point: Uint8Array): Uint8Array {
  const curve = CURVES[curveName]!;
  if (point.length !== 1 + 2 * curve.size || point[0] !== 4) {
    throw new DOMException(`The key is no uncompressed point of ${curveName}`, "DataError");
  }
  return new Uint8Array(der(0x30, algorithm(curve), der(0x03, [0], point)));
}

export function pointFromSpki(curveName: string, spki: Uint8Array): Uint8Array {
  return spki.slice(spki.length - 1 - 2 * CURVES[curveName]!.size);
}

function pkcs8(curveName: string, secret: Uint8Array, point: Uint8Array): Uint8Array {
  const key = der(0x30, [0x02, 0x01, 0x01], der(0x04, secret), der(0xa1, der(0x03, [0], point)));
  return new Uint8Array(der(0x30, [0x02, 0x01, 0x00], algorithm(CURVES[curveName]!), der(0x04, key)));
}

/** One element of DER: its tag, and where its content is. */
function element(bytes: Uint8Array, at: number): { tag: number; start: number; end: number } {
  let length = bytes[at + 1]!;
  let start = at + 2;
  if (length & 0x80) {
    const count = length & 0x7f;
    length = 0;
    for (let i = 0; i < count; i++) {
      length = length * 256 + bytes[start++]!;
    }
  }
  if (!(start + length <= bytes.length)) {
    throw new DOMException("The key is no DER", "DataError");
  }
  return { tag: bytes[at]!, start, end: start + length };
}

/** The secret of a PKCS #8 key, and its public point where the key carries it. */
export function partsOfPkcs8(curveName: string, bytes: Uint8Array): { secret: Uint8Array; point: Uint8Array | undefined } {
  const version = element(bytes, element(bytes, 0).start);
  const kind = element(bytes, version.end);
  requireCurve(curveName, bytes.subarray(kind.start, kind.end));
  const wrapped = element(bytes, kind.end);
  const sequence = element(bytes, wrapped.start);
  const inner = element(bytes, element(bytes, sequence.start).end);
  const secret = bytes.slice(inner.start, inner.end);
  let point: Uint8Array | undefined;
  for (let at = inner.end; at < sequence.end; ) {
    const part = element(bytes, at);
    if (part.tag === 0xa1) {
      const bits = element(bytes, part.start);
      point = bytes.slice(bits.start + 1, bits.end);
    }
    at = part.end;
  }
  return { secret, point };
}

export function requireSpki(curveName: string, bytes: Uint8Array): void {
  const kind = element(bytes, element(bytes, 0).start);
  requireCurve(curveName, bytes.subarray(kind.start, kind.end));
  pointFromSpki(curveName, bytes);
}

function requireCurve(curveName: string, kind: Uint8Array): void {
  const expected = [...EC_KEY, ...CURVES[curveName]!.oid];
  if (kind.length !== expected.length || !expected.every((byte, i) => kind[i] === byte)) {
    throw new DOMException(`The key is not one of curve ${curveName}`, "DataError");
  }
}

export function fromJwk(curveName: string, jwk: any): { spki: Uint8Array; pkcs8: Uint8Array | undefined } {
  const { size } = CURVES[curveName]!;
  if (jwk.kty !== "EC" || jwk.crv !== curveName) {
    throw new DOMException(`The JWK is not an EC key of curve ${curveName}`, "DataError");
  }
  const field = (name: string): Uint8Array => {
    const bytes = typeof jwk[name] === "string" ? unbase64url(jwk[name]) : null;
    if (!bytes || bytes.length !== size) {
      throw new DOMException(`The JWK has no ${name} of ${size} bytes`, "DataError");
    }
    return bytes;
  };
  const point = new Uint8Array(1 + 2 * size);
  point[0] = 4;
  point.set(field("x"), 1);
  point.set(field("y"), 1 + size);
  return {
    spki: spkiFromPoint(curveName, point),
    pkcs8: jwk.d === undefined ? undefined : pkcs8(curveName, field("d"), point),
  };
}

export function toJwk(curveName: string, spki: Uint8Array, pkcs8Key: Uint8Array | undefined): Record<string, unknown> {
  const { size } = CURVES[curveName]!;
  const point = pointFromSpki(curveName, spki);
  const jwk: Record<string, unknown> = {
    kty: "EC",
    crv: curveName,
    x: base64url(point.subarray(1, 1 + size)),
    y: base64url(point.subarray(1 + size)),
  };
  if (pkcs8Key) {
    const { secret } = partsOfPkcs8(curveName, pkcs8Key);
    const padded = new Uint8Array(size);
    padded.set(secret, size - secret.length);
    jwk.d = base64url(padded);
  }
  return jwk;
}
