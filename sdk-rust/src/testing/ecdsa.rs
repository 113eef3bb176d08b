//! ECDSA, plainly written: for tests, where neither speed nor secrets matter.

use super::hashes;
use super::numbers::{self, Field, Number, ONE, ZERO, is_less};

/// The parameters of a curve whose `a` is -3.
struct Parameters {
    name: &'static str,
    /// Of a coordinate, and of a half of a signature.
    bytes: usize,
    object_id: &'static [u8],
    prime: &'static str,
    b: &'static str,
    x: &'static str,
    y: &'static str,
    order: &'static str,
}

const CURVES: [Parameters; 3] = [
    Parameters {
        name: "P-256",
        bytes: 32,
        object_id: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        prime: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
        x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
        y: "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    },
    Parameters {
        name: "P-384",
        bytes: 48,
        object_id: &[0x2b, 0x81, 0x04, 0x00, 0x22],
        prime: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff\
            0000000000000000ffffffff",
        b: "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d\
            8a2ed19d2a85c8edd3ec2aef",
        x: "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25d\
            bf55296c3a545e3872760ab7",
        y: "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce\
            1d7e819d7a431d7c90ea0e5f",
        order: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db2\
            48b0a77aecec196accc52973",
    },
    Parameters {
        name: "P-521",
        bytes: 66,
        object_id: &[0x2b, 0x81, 0x04, 0x00, 0x23],
        prime: "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
            fffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        b: "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1561939\
            51ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
        x: "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e\
            77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
        y: "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee7\
            2995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
        order: "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868\
            783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
    },
];

/// What names keys of elliptic curves.
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

const INTEGER: u8 = 2;
const BITS: u8 = 3;
const OCTETS: u8 = 4;
const OBJECT_ID: u8 = 6;
const SEQUENCE: u8 = 0x30;

/// A point in Jacobian coordinates; where z is 0, the one at infinity.
type Point = [Number; 3];

struct Curve {
    parameters: &'static Parameters,
    field: Field,
    order: Field,
}

/// The DER of a private and a public key, from random bytes.
pub(super) fn key_pair(curve: &str, random: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let curve = Curve::named(curve)?;
    let private = curve.secret(random);
    let (x, y) = curve.affine(curve.times(private, curve.generator()));
    let bytes = curve.parameters.bytes;
    let point = [
        &[4],
        &numbers::to_bytes(x, bytes)[..],
        &numbers::to_bytes(y, bytes),
    ]
    .concat();
    let private = [
        item(INTEGER, &[1]),
        item(OCTETS, &numbers::to_bytes(private, bytes)),
    ];
    let private = item(OCTETS, &item(SEQUENCE, &private.concat()));
    let algorithm = curve.algorithm();
    let version = item(INTEGER, &[0]);
    let public = item(BITS, &[&[0], &point[..]].concat());
    Some((
        item(SEQUENCE, &[version, algorithm.clone(), private].concat()),
        item(SEQUENCE, &[algorithm, public].concat()),
    ))
}

pub(crate) fn sign(
    curve: &str,
    hash: &str,
    private_key: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, String> {
    let curve = Curve::named(curve).ok_or("the curve is none of P-256, P-384 and P-521")?;
    let key = curve
        .private_key(private_key)
        .ok_or_else(|| format!("the key is not one of the curve {}", curve.parameters.name))?;
    let digest = hashes::digest(hash, data).ok_or("there is no such hash")?;
    let order = &curve.order;
    let value = curve.hashed(&digest);
    for attempt in 0u8.. {
        let secret = curve.secret(&[private_key, &digest, &[attempt]].concat());
        let (x, _) = curve.affine(curve.times(secret, curve.generator()));
        let r = order.leave(order.enter(x));
        let product = order.multiply(order.enter(r), order.enter(key));
        let sum = order.add(product, order.enter(value));
        let s = order.leave(order.multiply(sum, order.invert(order.enter(secret))));
        if r != ZERO && s != ZERO {
            let bytes = curve.parameters.bytes;
            return Ok([numbers::to_bytes(r, bytes), numbers::to_bytes(s, bytes)].concat());
        }
    }
    unreachable!("some number is right")
}

pub(crate) fn verify(
    curve: &str,
    hash: &str,
    public_key: &[u8],
    signature: &[u8],
    data: &[u8],
) -> bool {
    let Some(curve) = Curve::named(curve) else {
        return false;
    };
    let (Some(key), Some(digest)) = (curve.public_key(public_key), hashes::digest(hash, data))
    else {
        return false;
    };
    let bytes = curve.parameters.bytes;
    if signature.len() != 2 * bytes {
        return false;
    }
    let order = &curve.order;
    let [r, s] = [&signature[..bytes], &signature[bytes..]].map(numbers::from_bytes);
    if [r, s]
        .iter()
        .any(|&n| n == ZERO || !is_less(n, order.modulus))
    {
        return false;
    }
    let inverse = order.invert(order.enter(s));
    let first = order.multiply(curve.hashed(&digest), inverse);
    let second = order.multiply(r, inverse);
    let sum = curve.add(
        curve.times(first, curve.generator()),
        curve.times(second, key),
    );
    let (x, _) = curve.affine(sum);
    sum[2] != ZERO && order.leave(order.enter(x)) == r
}

impl Curve {
    fn named(name: &str) -> Option<Self> {
        let parameters = CURVES.iter().find(|curve| curve.name == name)?;
        Some(Curve {
            parameters,
            field: Field::new(numbers::from_hex(parameters.prime)),
            order: Field::new(numbers::from_hex(parameters.order)),
        })
    }

    fn generator(&self) -> Point {
        let entered = |digits| self.field.enter(numbers::from_hex(digits));
        let Parameters { x, y, .. } = self.parameters;
        [entered(x), entered(y), self.field.enter(ONE)]
    }

    /// A number below the order, and not 0, that depends on all of the bytes.
    fn secret(&self, seed: &[u8]) -> Number {
        let stretched = [b"a".as_slice(), b"b"]
            .into_iter()
            .filter_map(|key| hashes::hmac("SHA-512", key, seed));
        let bytes = stretched.collect::<Vec<_>>().concat();
        let number = self.order.enter(numbers::from_bytes(&bytes[..66]));
        if number == ZERO { ONE } else { number }
    }

    /// The number that is signed for a hash: as many of its first bits as the order has.
    fn hashed(&self, digest: &[u8]) -> Number {
        let length = digest.len().min(self.parameters.bytes);
        let order = &self.order;
        order.leave(order.enter(numbers::from_bytes(&digest[..length])))
    }

    fn times(&self, factor: Number, point: Point) -> Point {
        let mut sum = [ZERO; 3];
        for i in (0..self.parameters.bytes * 8).rev() {
            sum = self.double(sum);
            if numbers::bit(factor, i) {
                sum = self.add(sum, point);
            }
        }
        sum
    }

    fn double(&self, [x, y, z]: Point) -> Point {
        let f = &self.field;
        let twice = |n| f.add(n, n);
        let (yy, zz) = (f.multiply(y, y), f.multiply(z, z));
        let product = f.multiply(f.subtract(x, zz), f.add(x, zz));
        let slope = f.add(product, twice(product));
        let across = twice(twice(f.multiply(x, yy)));
        let new_x = f.subtract(f.multiply(slope, slope), twice(across));
        let fourth = twice(twice(twice(f.multiply(yy, yy))));
        let new_y = f.subtract(f.multiply(slope, f.subtract(across, new_x)), fourth);
        [new_x, new_y, twice(f.multiply(y, z))]
    }

    fn add(&self, a: Point, b: Point) -> Point {
        let f = &self.field;
        if a[2] == ZERO {
            return b;
        }
        if b[2] == ZERO {
            return a;
        }
        let (aa, bb) = (f.multiply(a[2], a[2]), f.multiply(b[2], b[2]));
        let (u, v) = (f.multiply(a[0], bb), f.multiply(b[0], aa));
        let s = f.multiply(a[1], f.multiply(bb, b[2]));
        let t = f.multiply(b[1], f.multiply(aa, a[2]));
        let (width, height) = (f.subtract(v, u), f.subtract(t, s));
        if width == ZERO {
            return if height == ZERO {
                self.double(a)
            } else {
                [ZERO; 3]
            };
        }
        let square = f.multiply(width, width);
        let cube = f.multiply(square, width);
        let across = f.multiply(u, square);
        let x = f.subtract(
            f.multiply(height, height),
            f.add(cube, f.add(across, across)),
        );
        let y = f.multiply(height, f.subtract(across, x));
        let z = f.multiply(width, f.multiply(a[2], b[2]));
        [x, f.subtract(y, f.multiply(s, cube)), z]
    }

    fn affine(&self, [x, y, z]: Point) -> (Number, Number) {
        let f = &self.field;
        let inverse = f.invert(z);
        let square = f.multiply(inverse, inverse);
        let cube = f.multiply(square, inverse);
        (f.leave(f.multiply(x, square)), f.leave(f.multiply(y, cube)))
    }

    fn is_on(&self, [x, y, z]: Point) -> bool {
        let f = &self.field;
        let cube = f.multiply(x, f.multiply(x, x));
        let right = f.subtract(cube, f.multiply(x, f.add(z, f.add(z, z))));
        let b = f.enter(numbers::from_hex(self.parameters.b));
        f.multiply(y, y) == f.add(right, b)
    }

    fn algorithm(&self) -> Vec<u8> {
        let names = [
            item(OBJECT_ID, EC_PUBLIC_KEY),
            item(OBJECT_ID, self.parameters.object_id),
        ];
        item(SEQUENCE, &names.concat())
    }

    /// The number of a PKCS #8 key, where it is one of this curve.
    fn private_key(&self, mut der: &[u8]) -> Option<Number> {
        let mut key = taken(&mut der, SEQUENCE)?;
        taken(&mut key, INTEGER)?;
        key = key.strip_prefix(&self.algorithm()[..])?;
        let mut octets = taken(&mut key, OCTETS)?;
        let mut content = taken(&mut octets, SEQUENCE)?;
        taken(&mut content, INTEGER)?;
        let number = numbers::from_bytes(taken(&mut content, OCTETS)?);
        (number != ZERO && is_less(number, self.order.modulus)).then_some(number)
    }

    /// The point of a SubjectPublicKeyInfo, where it is one of this curve.
    fn public_key(&self, mut der: &[u8]) -> Option<Point> {
        let mut key = taken(&mut der, SEQUENCE)?;
        key = key.strip_prefix(&self.algorithm()[..])?;
        let coordinates = taken(&mut key, BITS)?.strip_prefix(&[0, 4])?;
        let bytes = self.parameters.bytes;
        if coordinates.len() != 2 * bytes {
            return None;
        }
        let entered = |bytes| self.field.enter(numbers::from_bytes(bytes));
        let (x, y) = (
            entered(&coordinates[..bytes]),
            entered(&coordinates[bytes..]),
        );
        let point = [x, y, self.field.enter(ONE)];
        self.is_on(point).then_some(point)
    }
}

/// One item of DER, of less than 64 KiB.
fn item(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match content.len() {
        length @ 0..0x80 => bytes.push(length as u8),
        length @ 0x80..0x100 => bytes.extend([0x81, length as u8]),
        length => bytes.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    bytes.extend_from_slice(content);
    bytes
}

/// The content of the item that the bytes start with, where it has this tag. They go on behind it.
fn taken<'a>(der: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (&[found, first], mut rest) = der.split_first_chunk()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let (digits, behind) = rest.split_at_checked(usize::from(first - 0x80).min(4))?;
        length = digits
            .iter()
            .fold(0, |n, &digit| n << 8 | usize::from(digit));
        rest = behind;
    }
    let (content, behind) = rest.split_at_checked(length)?;
    *der = behind;
    (found == tag).then_some(content)
}
