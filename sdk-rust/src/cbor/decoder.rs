use super::{Error, MAX_DEPTH};

/// Reads CBOR items one after another.
///
/// It reads what this project writes, and the same values in other widths; items of indefinite
/// length, which no writer here makes, are refused.
#[derive(Debug, Clone)]
pub struct Decoder<'a> {
    input: &'a [u8],
    at: usize,
    depth: usize,
}

/// What kind of item comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// An integer of at least 0.
    Unsigned,
    /// An integer below 0.
    Negative,
    /// A byte string.
    Bytes,
    /// A text.
    Text,
    /// An array.
    Array,
    /// A map.
    Map,
    /// A tag, before its item.
    Tag,
    /// True or false.
    Bool,
    /// Null.
    Null,
    /// Undefined.
    Undefined,
    /// A float of any width.
    Float,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Unsigned => "an integer",
            Kind::Negative => "a negative integer",
            Kind::Bytes => "a byte string",
            Kind::Text => "a text",
            Kind::Array => "an array",
            Kind::Map => "a map",
            Kind::Tag => "a tag",
            Kind::Bool => "a boolean",
            Kind::Null => "null",
            Kind::Undefined => "undefined",
            Kind::Float => "a float",
        }
    }
}

/// An integer: the magnitude itself or, when negative, -1 minus the magnitude.
pub(crate) struct Integer {
    pub(crate) negative: bool,
    pub(crate) magnitude: u128,
}

/// Integers beyond this are not exact in a float.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<'a> Decoder<'a> {
    /// Reads from the start of the input.
    pub fn new(input: &'a [u8]) -> Self {
        Decoder {
            input,
            at: 0,
            depth: 0,
        }
    }

    /// The byte that is read next.
    pub fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.input.len() - self.at
    }

    /// Requires that everything was read.
    pub fn finish(&self) -> Result<(), Error> {
        if self.remaining() == 0 {
            Ok(())
        } else {
            Err(self.error("there are bytes after the end"))
        }
    }

    /// An error at the next byte.
    pub fn error(&self, message: impl Into<String>) -> Error {
        Error::new(message, self.at)
    }

    /// What comes next.
    pub fn peek(&self) -> Result<Kind, Error> {
        let Some(&first) = self.input.get(self.at) else {
            return Err(self.error("the bytes end too early"));
        };
        Ok(match first >> 5 {
            0 => Kind::Unsigned,
            1 => Kind::Negative,
            2 => Kind::Bytes,
            3 => Kind::Text,
            4 => Kind::Array,
            5 => Kind::Map,
            6 => Kind::Tag,
            _ => match first {
                0xf4 | 0xf5 => Kind::Bool,
                0xf6 => Kind::Null,
                0xf7 => Kind::Undefined,
                0xf9..=0xfb => Kind::Float,
                _ => {
                    return Err(self.error(format!("there is no meaning of the byte {first:#04x}")));
                }
            },
        })
    }

    /// Reads null or undefined.
    pub fn null(&mut self) -> Result<(), Error> {
        match self.peek()? {
            Kind::Null | Kind::Undefined => {
                self.at += 1;
                Ok(())
            }
            other => Err(self.expected("null", other)),
        }
    }

    /// Reads true or false.
    pub fn bool(&mut self) -> Result<bool, Error> {
        match self.peek()? {
            Kind::Bool => {
                self.at += 1;
                Ok(self.input[self.at - 1] == 0xf5)
            }
            other => Err(self.expected("a boolean", other)),
        }
    }

    /// Reads an integer of at least 0.
    pub fn unsigned(&mut self) -> Result<u64, Error> {
        let start = self.at;
        if self.peek()? == Kind::Unsigned {
            return self.head();
        }
        let integer = self.integer()?;
        match u64::try_from(integer.magnitude) {
            Ok(value) if !integer.negative => Ok(value),
            _ => Err(Error::new("the integer is out of range", start)),
        }
    }

    /// Reads an integer.
    pub fn signed(&mut self) -> Result<i64, Error> {
        let start = self.at;
        let integer = self.integer()?;
        match i64::try_from(integer.magnitude) {
            Ok(value) => Ok(if integer.negative { !value } else { value }),
            Err(_) => Err(Error::new("the integer is out of range", start)),
        }
    }

    /// Reads an integer in any of its forms: integer, tag 2 or 3, or a float without a fraction
    /// that is exact.
    pub(crate) fn integer(&mut self) -> Result<Integer, Error> {
        match self.peek()? {
            Kind::Unsigned => Ok(Integer {
                negative: false,
                magnitude: self.head()?.into(),
            }),
            Kind::Negative => Ok(Integer {
                negative: true,
                magnitude: self.head()?.into(),
            }),
            Kind::Tag => {
                let start = self.at;
                let tag = self.head()?;
                if tag != 2 && tag != 3 {
                    return Err(Error::new(
                        format!("expected an integer and found tag {tag}"),
                        start,
                    ));
                }
                let bytes = self.bytes()?;
                if bytes.len() > 16 {
                    return Err(Error::new("the integer is out of range", start));
                }
                let magnitude = bytes
                    .iter()
                    .fold(0u128, |sum, &byte| sum << 8 | u128::from(byte));
                Ok(Integer {
                    negative: tag == 3,
                    magnitude,
                })
            }
            Kind::Float => {
                let start = self.at;
                let value = self.float()?;
                if value.trunc() != value || value.abs() > EXACT {
                    return Err(Error::new("expected an integer and found a float", start));
                }
                let value = value as i64;
                let magnitude = if value < 0 { !value } else { value } as u128;
                Ok(Integer {
                    negative: value < 0,
                    magnitude,
                })
            }
            other => Err(self.expected("an integer", other)),
        }
    }

    /// Reads a number as a float: integers beyond 2^53 are rounded.
    pub fn float(&mut self) -> Result<f64, Error> {
        match self.peek()? {
            Kind::Unsigned => Ok(self.head()? as f64),
            Kind::Negative => Ok(-1.0 - self.head()? as f64),
            Kind::Float => {
                let first = self.take(1)?[0];
                Ok(match first {
                    0xf9 => half(u16::from_be_bytes(self.take_array()?)),
                    0xfa => f32::from_be_bytes(self.take_array()?).into(),
                    _ => f64::from_be_bytes(self.take_array()?),
                })
            }
            other => Err(self.expected("a number", other)),
        }
    }

    /// Reads a text.
    pub fn text(&mut self) -> Result<&'a str, Error> {
        self.expect(Kind::Text, "a text")?;
        let length = self.length()?;
        let start = self.at;
        std::str::from_utf8(self.take(length)?)
            .map_err(|_| Error::new("the text is not UTF-8", start))
    }

    /// Reads a byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], Error> {
        self.expect(Kind::Bytes, "a byte string")?;
        let length = self.length()?;
        self.take(length)
    }

    /// Reads the head of an array: how many items follow.
    pub fn array(&mut self) -> Result<usize, Error> {
        self.expect(Kind::Array, "an array")?;
        self.length()
    }

    /// Reads the head of a map: how many pairs of key and value follow.
    pub fn map(&mut self) -> Result<usize, Error> {
        self.expect(Kind::Map, "a map")?;
        self.length()
    }

    /// Reads a tag; its item follows.
    pub fn tag(&mut self) -> Result<u64, Error> {
        self.expect(Kind::Tag, "a tag")?;
        self.head()
    }

    /// Reads a tag that must be this one; its item follows.
    pub fn expect_tag(&mut self, tag: u64) -> Result<(), Error> {
        let start = self.at;
        match self.tag()? {
            found if found == tag => Ok(()),
            found => Err(Error::new(
                format!("expected tag {tag} and found tag {found}"),
                start,
            )),
        }
    }

    /// Reads a map with text keys: the closure is called at the value of each and reads it.
    pub fn fields(
        &mut self,
        mut each: impl FnMut(&mut Self, &'a str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.nested(|decoder| {
            for _ in 0..decoder.map()? {
                let name = decoder.text()?;
                each(decoder, name)?;
            }
            Ok(())
        })
    }

    /// Passes over one item, whatever it is.
    pub fn skip(&mut self) -> Result<(), Error> {
        match self.peek()? {
            Kind::Null | Kind::Undefined | Kind::Bool => self.at += 1,
            Kind::Unsigned | Kind::Negative => {
                self.head()?;
            }
            Kind::Float => {
                self.float()?;
            }
            Kind::Bytes => {
                self.bytes()?;
            }
            Kind::Text => {
                self.text()?;
            }
            Kind::Array => self.nested(|decoder| {
                for _ in 0..decoder.array()? {
                    decoder.skip()?;
                }
                Ok(())
            })?,
            Kind::Map => self.nested(|decoder| {
                for _ in 0..decoder.map()? {
                    decoder.skip()?;
                    decoder.skip()?;
                }
                Ok(())
            })?,
            Kind::Tag => self.nested(|decoder| {
                decoder.tag()?;
                decoder.skip()
            })?,
        }
        Ok(())
    }

    /// Reads something that contains items, within the bound on depth.
    pub fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(format!("the value is nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn expect(&self, kind: Kind, name: &str) -> Result<(), Error> {
        match self.peek()? {
            found if found == kind => Ok(()),
            found => Err(self.expected(name, found)),
        }
    }

    fn expected(&self, name: &str, found: Kind) -> Error {
        self.error(format!("expected {name} and found {}", found.name()))
    }

    fn length(&mut self) -> Result<usize, Error> {
        let start = self.at;
        let length = self.head()?;
        // Each byte, item or entry takes one byte of input at least.
        match usize::try_from(length) {
            Ok(length) if length <= self.remaining() => Ok(length),
            _ => Err(Error::new("the length goes beyond the end", start)),
        }
    }

    fn head(&mut self) -> Result<u64, Error> {
        let start = self.at;
        let first = self.take(1)?[0];
        match first & 0x1f {
            small @ 0..=23 => Ok(small.into()),
            24 => Ok(self.take(1)?[0].into()),
            25 => Ok(u16::from_be_bytes(self.take_array()?).into()),
            26 => Ok(u32::from_be_bytes(self.take_array()?).into()),
            27 => Ok(u64::from_be_bytes(self.take_array()?)),
            31 => Err(Error::new("items of indefinite length are not read", start)),
            _ => Err(Error::new(
                format!("there is no meaning of the byte {first:#04x}"),
                start,
            )),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let input: &'a [u8] = self.input;
        match input.get(self.at..).and_then(|rest| rest.get(..length)) {
            Some(bytes) => {
                self.at += length;
                Ok(bytes)
            }
            None => Err(self.error("the bytes end too early")),
        }
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }
}

/// The value of a 16-bit float.
fn half(bits: u16) -> f64 {
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    };
    if bits & 0x8000 == 0 {
        magnitude
    } else {
        -magnitude
    }
}
