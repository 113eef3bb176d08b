export { CryptoKey } from "../web/crypto/key";
export { SubtleCrypto } from "../web/crypto/subtle";
