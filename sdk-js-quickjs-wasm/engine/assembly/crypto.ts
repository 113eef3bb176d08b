/** `host.crypto`. An answer is undefined where the host refuses the input. */
import * as abi from "./abi";
import { Fn } from "./functions";
import { bytesAt, bytesLength, bytesOf, number, numberAsInt, numberOf, returnedPair, takeBytes } from "./lower";
import { release, RET } from "./memory";
import { freeUtf8, utf8, utf8Length } from "./text";
import { ctx, EXCEPTION, fromBool, isException, isObject, isString, JS_ToBool, UNDEFINED, Value } from "./quickjs";

// The arguments as the host wants them: place and length of each text and of all bytes.
const cells: usize = memory.data(8 * 8, 8);

// @ts-ignore
@inline function at(index: usize): usize {
  return load<usize>(cells + (index << 3));
}

// @ts-ignore
@inline function length(index: usize): i32 {
  return load<i32>(cells + (index << 3), 4);
}

/** Numbers and flags are left out of the cells: those who need them take them from argv. */
export function cryptography(argv: usize, id: i32): Value {
  let answer = EXCEPTION;
  let texts = 0;
  let failed = false;
  for (let i = 0; i < 8 && !failed; i++) {
    const value = load<Value>(argv + (<usize>i << 3));
    const cell = cells + (<usize>i << 3);
    store<u64>(cell, 0);
    if (isString(value)) {
      const text = utf8(value);
      failed = text == 0;
      store<usize>(cell, text);
      store<i32>(cell, utf8Length, 4);
      if (!failed) texts |= 1 << i;
    } else if (isObject(value)) {
      failed = !bytesOf(value);
      store<usize>(cell, bytesAt);
      store<i32>(cell, bytesLength, 4);
    }
  }
  if (!failed) answer = ask(argv, id);
  for (let i = 0; i < 8; i++) if ((texts & (1 << i)) != 0) freeUtf8(at(i));
  return answer;
}

function ask(argv: usize, id: i32): Value {
  switch (id) {
    case Fn.crypto_digest:
      abi.crypto_digest(at(0), length(0), at(1), length(1), RET);
      return option();
    case Fn.crypto_hmac:
      abi.crypto_hmac(at(0), length(0), at(1), length(1), at(2), length(2), RET);
      return option();
    case Fn.crypto_aes: {
      if (!numberOf(load<Value>(argv, 40))) return EXCEPTION;
      const tagBits = numberAsInt() & 255;
      if (JS_ToBool(ctx, load<Value>(argv, 8)) > 0) {
        abi.crypto_aes_encrypt(at(0), length(0), at(2), length(2), at(3), length(3), at(4), length(4), tagBits, at(6), length(6), RET);
      } else {
        abi.crypto_aes_decrypt(at(0), length(0), at(2), length(2), at(3), length(3), at(4), length(4), tagBits, at(6), length(6), RET);
      }
      return result();
    }
    case Fn.crypto_generateKeyPair:
      abi.crypto_generate_key_pair(at(0), length(0), RET);
      return returnedPair();
    case Fn.crypto_ecdsaSign:
      abi.crypto_ecdsa_sign(at(0), length(0), at(1), length(1), at(2), length(2), at(3), length(3), RET);
      return result();
    case Fn.crypto_ecdsaVerify:
      return fromBool(
        abi.crypto_ecdsa_verify(at(0), length(0), at(1), length(1), at(2), length(2), at(3), length(3), at(4), length(4)) != 0,
      );
    case Fn.crypto_pbkdf2: {
      if (!numberOf(load<Value>(argv, 24))) return EXCEPTION;
      const iterations = <i32><u32>min(max(number, 0), 4294967295);
      if (!numberOf(load<Value>(argv, 32))) return EXCEPTION;
      abi.crypto_pbkdf2(at(0), length(0), at(1), length(1), at(2), length(2), iterations, numberAsInt(), RET);
      return result();
    }
    default:
      if (!numberOf(load<Value>(argv, 32))) return EXCEPTION;
      abi.crypto_hkdf(at(0), length(0), at(1), length(1), at(2), length(2), at(3), length(3), numberAsInt(), RET);
      return result();
  }
}

function option(): Value {
  return load<u8>(RET) == 0 ? UNDEFINED : takeBytes(load<usize>(RET, 4), load<i32>(RET, 8));
}

/** The reason of a refusal is the host's; the standard wants none told. */
function result(): Value {
  if (load<u8>(RET) == 0) return takeBytes(load<usize>(RET, 4), load<i32>(RET, 8));
  if (load<i32>(RET, 8) != 0) release(load<usize>(RET, 4));
  return UNDEFINED;
}
