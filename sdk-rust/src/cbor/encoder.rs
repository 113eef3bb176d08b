use super::Encode;

/// Writes CBOR items one after another.
///
/// Arrays, maps and tags announce what follows: the caller writes the announced number of items.
#[derive(Debug, Default)]
pub struct Encoder {
    bytes: Vec<u8>,
}

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

impl Encoder {
    /// An encoder that has written nothing.
    pub fn new() -> Self {
        Encoder::default()
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Writes null.
    pub fn null(&mut self) {
        self.bytes.push(0xf6);
    }

    /// Writes undefined.
    pub fn undefined(&mut self) {
        self.bytes.push(0xf7);
    }

    /// Writes true or false.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { 0xf5 } else { 0xf4 });
    }

    /// Writes an integer of at least 0.
    pub fn unsigned(&mut self, value: u64) {
        self.head(UNSIGNED, value);
    }

    /// Writes an integer.
    pub fn signed(&mut self, value: i64) {
        if value < 0 {
            self.head(NEGATIVE, !value as u64);
        } else {
            self.head(UNSIGNED, value as u64);
        }
    }

    /// Writes an integer of at least 0: beyond 64 bits as tag 2.
    pub fn unsigned_wide(&mut self, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.head(UNSIGNED, value),
            Err(_) => self.big(2, value),
        }
    }

    /// Writes an integer: beyond 64 bits as tag 2 or 3.
    pub fn signed_wide(&mut self, value: i128) {
        if value >= 0 {
            return self.unsigned_wide(value as u128);
        }
        let magnitude = !value as u128;
        match u64::try_from(magnitude) {
            Ok(magnitude) => self.head(NEGATIVE, magnitude),
            Err(_) => self.big(3, magnitude),
        }
    }

    /// Writes a 64-bit float. There is one NaN.
    pub fn float(&mut self, value: f64) {
        let bits = if value.is_nan() {
            0x7ff8_0000_0000_0000
        } else {
            value.to_bits()
        };
        self.bytes.push(0xfb);
        self.bytes.extend_from_slice(&bits.to_be_bytes());
    }

    /// Writes a text.
    pub fn text(&mut self, value: &str) {
        self.head(TEXT, value.len() as u64);
        self.bytes.extend_from_slice(value.as_bytes());
    }

    /// Writes a byte string.
    pub fn bytes(&mut self, value: &[u8]) {
        self.head(BYTES, value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    /// Announces an array of so many items.
    pub fn array(&mut self, length: usize) {
        self.head(ARRAY, length as u64);
    }

    /// Announces a map of so many entries: a key and a value each.
    pub fn map(&mut self, entries: usize) {
        self.head(MAP, entries as u64);
    }

    /// Announces a tagged item.
    pub fn tag(&mut self, tag: u64) {
        self.head(TAG, tag);
    }

    /// Writes a value of any type.
    pub fn value<T: Encode + ?Sized>(&mut self, value: &T) {
        value.encode(self);
    }

    fn big(&mut self, tag: u64, magnitude: u128) {
        self.tag(tag);
        let bytes = magnitude.to_be_bytes();
        self.bytes(&bytes[magnitude.leading_zeros() as usize / 8..]);
    }

    fn head(&mut self, major: u8, value: u64) {
        let major = major << 5;
        if value < 24 {
            self.bytes.push(major | value as u8);
        } else if value <= 0xff {
            self.bytes.extend_from_slice(&[major | 24, value as u8]);
        } else if value <= 0xffff {
            self.bytes.push(major | 25);
            self.bytes.extend_from_slice(&(value as u16).to_be_bytes());
        } else if value <= 0xffff_ffff {
            self.bytes.push(major | 26);
            self.bytes.extend_from_slice(&(value as u32).to_be_bytes());
        } else {
            self.bytes.push(major | 27);
            self.bytes.extend_from_slice(&value.to_be_bytes());
        }
    }
}
