//! Numbers modulo an odd one of at most 576 bits, plainly written: for tests.

const LIMBS: usize = 9;

/// A number, its lowest limb first.
pub(super) type Number = [u64; LIMBS];

pub(super) const ZERO: Number = [0; LIMBS];
pub(super) const ONE: Number = [1, 0, 0, 0, 0, 0, 0, 0, 0];

pub(super) fn from_bytes(bytes: &[u8]) -> Number {
    let mut number = ZERO;
    for (i, &byte) in bytes.iter().rev().enumerate().take(LIMBS * 8) {
        number[i / 8] |= u64::from(byte) << (i % 8 * 8);
    }
    number
}

pub(super) fn to_bytes(number: Number, length: usize) -> Vec<u8> {
    let byte = |i: usize| (number[i / 8] >> (i % 8 * 8)) as u8;
    (0..length).rev().map(byte).collect()
}

pub(super) fn from_hex(digits: &str) -> Number {
    let mut number = ZERO;
    for (i, digit) in digits.chars().rev().enumerate() {
        number[i / 16] |= u64::from(digit.to_digit(16).unwrap_or(0)) << (i % 16 * 4);
    }
    number
}

pub(super) fn is_less(a: Number, b: Number) -> bool {
    a.iter().rev().lt(b.iter().rev())
}

pub(super) fn bit(number: Number, i: usize) -> bool {
    number[i / 64] >> (i % 64) & 1 != 0
}

fn plus(a: Number, b: Number) -> Number {
    let mut carry = 0;
    std::array::from_fn(|i| {
        let sum = u128::from(a[i]) + u128::from(b[i]) + carry;
        carry = sum >> 64;
        sum as u64
    })
}

fn minus(a: Number, b: Number) -> Number {
    let mut borrow = false;
    std::array::from_fn(|i| {
        let (difference, first) = a[i].overflowing_sub(b[i]);
        let (difference, second) = difference.overflowing_sub(u64::from(borrow));
        borrow = first | second;
        difference
    })
}

/// Adds a product. None of those made here is 2^640 or more.
fn accumulate(sum: &mut [u64; LIMBS + 1], number: Number, factor: u64) {
    let mut carry = 0;
    // By index, which is faster than iterators where nothing is optimised, as in tests.
    let mut i = 0;
    while i < LIMBS {
        let product = u128::from(number[i]) * u128::from(factor) + u128::from(sum[i]) + carry;
        sum[i] = product as u64;
        carry = product >> 64;
        i += 1;
    }
    sum[LIMBS] = sum[LIMBS].wrapping_add(carry as u64);
}

/// Arithmetic modulo an odd number. Factors are in the form of Montgomery.
pub(super) struct Field {
    pub(super) modulus: Number,
    /// -1 / the lowest limb, modulo 2^64.
    inverse: u64,
    /// 2^1152 modulo the modulus.
    square: Number,
}

impl Field {
    pub(super) fn new(modulus: Number) -> Self {
        let lowest = modulus[0];
        let inverse = (0..6).fold(1u64, |inverse, _| {
            inverse.wrapping_mul(2u64.wrapping_sub(lowest.wrapping_mul(inverse)))
        });
        let mut field = Field {
            modulus,
            inverse: inverse.wrapping_neg(),
            square: ZERO,
        };
        let doubled = |number, _| field.add(number, number);
        field.square = (0..LIMBS * 64 * 2).fold(ONE, doubled);
        field
    }

    pub(super) fn add(&self, a: Number, b: Number) -> Number {
        self.reduced(plus(a, b))
    }

    pub(super) fn subtract(&self, a: Number, b: Number) -> Number {
        match is_less(a, b) {
            true => minus(plus(a, self.modulus), b),
            false => minus(a, b),
        }
    }

    fn reduced(&self, number: Number) -> Number {
        match is_less(number, self.modulus) {
            true => number,
            false => minus(number, self.modulus),
        }
    }

    /// The form of Montgomery of any number of at most 528 bits.
    pub(super) fn enter(&self, number: Number) -> Number {
        self.multiply(number, self.square)
    }

    pub(super) fn leave(&self, number: Number) -> Number {
        self.multiply(number, ONE)
    }

    /// The product divided by 2^576. At most one factor is not below the modulus.
    pub(super) fn multiply(&self, a: Number, b: Number) -> Number {
        let mut sum = [0u64; LIMBS + 1];
        for factor in b {
            accumulate(&mut sum, a, factor);
            let multiple = sum[0].wrapping_mul(self.inverse);
            accumulate(&mut sum, self.modulus, multiple);
            sum.rotate_left(1);
        }
        let mut number = ZERO;
        number.copy_from_slice(&sum[..LIMBS]);
        self.reduced(number)
    }

    pub(super) fn invert(&self, number: Number) -> Number {
        let exponent = minus(self.modulus, [2, 0, 0, 0, 0, 0, 0, 0, 0]);
        let mut power = self.enter(ONE);
        for i in (0..LIMBS * 64).rev() {
            power = self.multiply(power, power);
            if bit(exponent, i) {
                power = self.multiply(power, number);
            }
        }
        power
    }
}
