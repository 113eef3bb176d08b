use super::{Decode, Decoder, Encode, Encoder, Error, Kind};

/// Any CBOR value.
///
/// ```
/// use dormouse::cbor::{self, Value};
/// let bytes = cbor::to_vec(&vec![1, 2]);
/// let value: Value = cbor::from_slice(&bytes).unwrap();
/// assert_eq!(value, Value::Array(vec![Value::Int(1), Value::Int(2)]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value at all, as JavaScript has it.
    Undefined,
    /// Null.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer of -2^64 to 2^64 - 1. Beyond, tags 2 and 3 hold it.
    Int(i128),
    /// A float.
    Float(f64),
    /// A text.
    Text(String),
    /// A byte string.
    Bytes(Vec<u8>),
    /// An array.
    Array(Vec<Value>),
    /// A map, its entries in the order in which they were put in.
    Map(Vec<(Value, Value)>),
    /// A tag and its item: 1 is a date, 2 and 3 are big integers, 258 is a set, 259 a map with keys
    /// of any type.
    Tag(u64, Box<Value>),
}

impl Value {
    /// The value under a text key, where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(entries) => entries.iter().rev().find_map(|(k, v)| match k {
                Value::Text(text) if text == key => Some(v),
                _ => None,
            }),
            _ => None,
        }
    }
}

impl Encode for Value {
    /// An `Int` beyond CBOR's 64 bits is written with tag 2 or 3.
    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Value::Undefined => encoder.undefined(),
            Value::Null => encoder.null(),
            Value::Bool(value) => encoder.bool(*value),
            Value::Int(value) => encoder.signed_wide(*value),
            Value::Float(value) => encoder.float(*value),
            Value::Text(value) => encoder.text(value),
            Value::Bytes(value) => encoder.bytes(value),
            Value::Array(items) => Value::encode_list(items, encoder),
            Value::Map(entries) => {
                encoder.map(entries.len());
                for (key, value) in entries {
                    key.encode(encoder);
                    value.encode(encoder);
                }
            }
            Value::Tag(tag, value) => {
                encoder.tag(*tag);
                value.encode(encoder);
            }
        }
    }
}

impl Decode for Value {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(match decoder.peek()? {
            Kind::Undefined => {
                decoder.null()?;
                Value::Undefined
            }
            Kind::Null => {
                decoder.null()?;
                Value::Null
            }
            Kind::Bool => Value::Bool(decoder.bool()?),
            Kind::Unsigned | Kind::Negative => {
                let integer = decoder.integer()?;
                let magnitude = integer.magnitude as i128;
                Value::Int(if integer.negative {
                    !magnitude
                } else {
                    magnitude
                })
            }
            Kind::Float => Value::Float(decoder.float()?),
            Kind::Text => Value::Text(decoder.text()?.to_owned()),
            Kind::Bytes => Value::Bytes(decoder.bytes()?.to_owned()),
            Kind::Array => Value::Array(Value::decode_list(decoder)?),
            Kind::Map => decoder.nested(|decoder| {
                let length = decoder.map()?;
                let mut entries = Vec::with_capacity(length.min(decoder.remaining() / 2));
                for _ in 0..length {
                    entries.push((Value::decode(decoder)?, Value::decode(decoder)?));
                }
                Ok(Value::Map(entries))
            })?,
            Kind::Tag => decoder.nested(|decoder| {
                let tag = decoder.tag()?;
                Ok(Value::Tag(tag, Box::new(Value::decode(decoder)?)))
            })?,
        })
    }
}
