/**
 * Decimal numbers to the nearest float, exactly: the language's own parseFloat is off by a unit in
 * the last place for some. Short numbers take one exact multiplication or division. For the rest
 * parseFloat is the first guess, and comparing with the half-way points in whole numbers corrects it.
 */

/** More digits than any half-way point between floats has, so that further ones only break ties. */
const MAX_DIGITS: i32 = 780;

/** The float nearest to a JSON number in UTF-16, ties to even. */
export function parseDecimal(from: usize, to: usize): f64 {
  const negative = load<u16>(from) == 0x2d;
  const x = magnitude(negative ? from + 2 : from, to);
  return negative ? -x : x;
}

function magnitude(from: usize, to: usize): f64 {
  const digits = new Whole();
  let short: u64 = 0;
  let count = 0;
  let exponent = 0;
  let afterPoint = false;
  let cut = false;
  let at = from;
  for (; at < to; at += 2) {
    const c = <u32>load<u16>(at);
    if (c == 0x2e) {
      afterPoint = true;
      continue;
    }
    const digit = c - 0x30;
    if (digit > 9) break;
    if (afterPoint) exponent--;
    if (count == 0 && digit == 0) continue;
    if (count < MAX_DIGITS) {
      if (count < 19) short = short * 10 + digit;
      count++;
    } else {
      cut = cut || digit != 0;
      exponent++;
    }
  }
  if (count == 0) return 0;
  exponent += written(at, to);
  if (count <= 19 && short <= 9007199254740992 && exponent >= -22 && exponent <= 22) {
    return exponent < 0 ? <f64>short / powerOfTen(-exponent) : <f64>short * powerOfTen(exponent);
  }
  if (count + exponent > 310) return Infinity;
  if (count + exponent < -330) return 0;
  readDigits(digits, from, at, count);
  if (cut) {
    digits.multiplyAdd(10, 1);
    exponent--;
  }
  return nearest(F64.parseFloat(String.UTF16.decodeUnsafe(from, to - from)), digits, exponent);
}

/** The exponent after an `e`, or 0; what no float reaches is cut to a million. */
function written(at: usize, to: usize): i32 {
  if (at >= to) return 0;
  at += 2;
  const sign = load<u16>(at);
  if (sign == 0x2d || sign == 0x2b) at += 2;
  let exponent = 0;
  for (; at < to; at += 2) exponent = min(exponent * 10 + <i32>load<u16>(at) - 0x30, 1_000_000);
  return sign == 0x2d ? -exponent : exponent;
}

function readDigits(digits: Whole, from: usize, to: usize, count: i32): void {
  let started = false;
  for (let at = from; at < to && count > 0; at += 2) {
    const digit = <u32>load<u16>(at) - 0x30;
    if (digit > 9 || (!started && digit == 0)) continue;
    started = true;
    digits.multiplyAdd(10, digit);
    count--;
  }
}

function powerOfTen(n: i32): f64 {
  let x: f64 = 1;
  for (; n > 0; n--) x *= 10;
  return x;
}

/**
 * The float nearest to digits * 10^exponent: the smallest whose half-way point to the next is not
 * passed. Floats of one sign are ordered as their bits are, so it is searched for by halves, close
 * to the guess first.
 */
function nearest(guess: f64, digits: Whole, exponent: i32): f64 {
  const infinity = reinterpret<u64>(Infinity);
  const guessed = isFinite<f64>(guess) ? reinterpret<u64>(guess) : infinity;
  let low: u64 = guessed < 2 ? 0 : guessed - 2;
  let high: u64 = min(guessed + 2, infinity);
  if (low > 0 && !passes(digits, exponent, low - 1)) low = 0;
  if (high < infinity && passes(digits, exponent, high)) high = infinity;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(digits, exponent, middle)) low = middle + 1;
    else high = middle;
  }
  return reinterpret<f64>(low);
}

/** Whether digits * 10^exponent rounds to a larger float than that of these bits. */
function passes(digits: Whole, exponent: i32, bits: u64): bool {
  const order = compareToHalfWay(digits, exponent, bits);
  return order > 0 || (order == 0 && (bits & 1) != 0);
}

/** Compares digits * 10^exponent with the middle between the float of these bits and the next larger. */
function compareToHalfWay(digits: Whole, exponent: i32, bits: u64): i32 {
  const biased = <i32>(bits >> 52);
  const fraction = bits & 0xfffffffffffff;
  const mantissa = biased == 0 ? fraction : fraction | 0x10000000000000;
  const binary = max(biased, 1) - 1076;
  const left = digits.copy();
  const right = new Whole();
  right.multiplyAdd(0, <u32>((2 * mantissa + 1) >> 32));
  right.shiftLeft(32);
  right.addSmall(<u32>(2 * mantissa + 1));
  if (exponent >= 0) left.multiplyByTen(exponent);
  else right.multiplyByTen(-exponent);
  if (binary >= 0) right.shiftLeft(binary);
  else left.shiftLeft(-binary);
  return left.compare(right);
}

/** A whole number of up to 6,400 bits in limbs of 32, the least first. */
class Whole {
  private limbs: StaticArray<u32> = new StaticArray<u32>(200);
  private length: i32 = 0;

  copy(): Whole {
    const other = new Whole();
    memory.copy(changetype<usize>(other.limbs), changetype<usize>(this.limbs), <usize>this.length << 2);
    other.length = this.length;
    return other;
  }

  multiplyAdd(factor: u32, addend: u32): void {
    let carry: u64 = addend;
    for (let i = 0; i < this.length; i++) {
      carry += <u64>this.limbs[i] * factor;
      this.limbs[i] = <u32>carry;
      carry >>= 32;
    }
    if (carry != 0) this.limbs[this.length++] = <u32>carry;
  }

  addSmall(addend: u32): void {
    this.multiplyAdd(1, addend);
  }

  multiplyByTen(times: i32): void {
    for (; times >= 9; times -= 9) this.multiplyAdd(1_000_000_000, 0);
    for (; times > 0; times--) this.multiplyAdd(10, 0);
  }

  shiftLeft(bits: i32): void {
    if (this.length == 0) return;
    const words = bits >> 5;
    if (words > 0) {
      const base = changetype<usize>(this.limbs);
      memory.copy(base + (<usize>words << 2), base, <usize>this.length << 2);
      memory.fill(base, 0, <usize>words << 2);
      this.length += words;
    }
    if (bits & 31) this.multiplyAdd(1 << (bits & 31), 0);
  }

  compare(other: Whole): i32 {
    if (this.length != other.length) return this.length > other.length ? 1 : -1;
    for (let i = this.length - 1; i >= 0; i--) {
      const a = this.limbs[i];
      const b = other.limbs[i];
      if (a != b) return a > b ? 1 : -1;
    }
    return 0;
  }
}
