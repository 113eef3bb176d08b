use std::fmt::{self, Write};
use std::ops::Index;

use crate::cbor::{self, Decode, Decoder, Encode, Encoder, Kind};

/// Any JSON value. [`Display`](fmt::Display) writes it without spaces.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Null.
    Null,
    /// True or false.
    Bool(bool),
    /// A number without fraction and exponent that fits 64 bits.
    Int(i64),
    /// Any other number. One that JSON cannot write becomes null, as in JavaScript.
    Float(f64),
    /// A text.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object, its members in order.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Object(members) => members
                .iter()
                .rev()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// Takes the member out of an object; null where there is none.
    pub fn take(&mut self, name: &str) -> Value {
        match self {
            Value::Object(members) => match members.iter().rposition(|(key, _)| key == name) {
                Some(index) => members.remove(index).1,
                None => Value::Null,
            },
            _ => Value::Null,
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The boolean, where it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, where it is one without a fraction that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            Value::Float(value) if value.trunc() == *value && value.abs() < 9e15 => {
                Some(*value as i64)
            }
            _ => None,
        }
    }

    /// The number, where it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(value) => Some(value),
            _ => None,
        }
    }

    /// The items, where it is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, where it is an object.
    pub fn as_object(&self) -> Option<&[(String, Value)]> {
        match self {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }
}

static NULL: Value = Value::Null;

impl Index<&str> for Value {
    type Output = Value;

    /// The member of an object; null where there is none.
    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&NULL)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(true) => f.write_str("true"),
            Value::Bool(false) => f.write_str("false"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) => write_float(*value, f),
            Value::String(value) => write_string(value, f),
            Value::Array(items) => {
                f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_char(',')?;
                    }
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Value::Object(members) => {
                f.write_char('{')?;
                for (i, (name, value)) in members.iter().enumerate() {
                    if i > 0 {
                        f.write_char(',')?;
                    }
                    write_string(name, f)?;
                    f.write_char(':')?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

fn write_float(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let magnitude = value.abs();
    if !value.is_finite() {
        f.write_str("null")
    } else if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        write!(f, "{value:e}")
    } else {
        write!(f, "{value}")
    }
}

fn write_string(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    let mut plain = 0;
    for (i, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..=0x1f => "",
            _ => continue,
        };
        f.write_str(&text[plain..i])?;
        if escape.is_empty() {
            write!(f, "\\u{byte:04x}")?;
        } else {
            f.write_str(escape)?;
        }
        plain = i + 1;
    }
    f.write_str(&text[plain..])?;
    f.write_char('"')
}

macro_rules! from {
    ($($type:ty: $value:ident => $made:expr),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        }
    )+};
}
from! {
    bool: value => Value::Bool(value),
    i8: value => Value::Int(value.into()),
    i16: value => Value::Int(value.into()),
    i32: value => Value::Int(value.into()),
    i64: value => Value::Int(value),
    u8: value => Value::Int(value.into()),
    u16: value => Value::Int(value.into()),
    u32: value => Value::Int(value.into()),
    u64: value => i64::try_from(value).map_or(Value::Float(value as f64), Value::Int),
    usize: value => Value::from(value as u64),
    f32: value => Value::Float(value.into()),
    f64: value => Value::Float(value),
    &str: value => Value::String(value.to_owned()),
    String: value => Value::String(value),
    (): _value => Value::Null,
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Value::String(value.clone())
    }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Self {
        value.clone()
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Value::Array(items.into_iter().map(Into::into).collect())
    }
}

/// JSON is stored as the CBOR of the same meaning.
impl Encode for Value {
    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Value::Null => encoder.null(),
            Value::Bool(value) => encoder.bool(*value),
            Value::Int(value) => encoder.signed(*value),
            Value::Float(value) => encoder.float(*value),
            Value::String(value) => encoder.text(value),
            Value::Array(items) => Value::encode_list(items, encoder),
            Value::Object(members) => {
                encoder.map(members.len());
                for (name, value) in members {
                    encoder.text(name);
                    value.encode(encoder);
                }
            }
        }
    }
}

impl Decode for Value {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, cbor::Error> {
        Ok(match decoder.peek()? {
            Kind::Null | Kind::Undefined => {
                decoder.null()?;
                Value::Null
            }
            Kind::Bool => Value::Bool(decoder.bool()?),
            Kind::Unsigned | Kind::Negative => match decoder.integer()? {
                integer if integer.magnitude <= i64::MAX as u128 => {
                    let value = integer.magnitude as i64;
                    Value::Int(if integer.negative { !value } else { value })
                }
                integer if integer.negative => Value::Float(-1.0 - integer.magnitude as f64),
                integer => Value::Float(integer.magnitude as f64),
            },
            Kind::Float => Value::Float(decoder.float()?),
            Kind::Text => Value::String(decoder.text()?.to_owned()),
            Kind::Array => Value::Array(Value::decode_list(decoder)?),
            Kind::Map => {
                let mut members = Vec::new();
                decoder.fields(|decoder, name| {
                    members.push((name.to_owned(), Value::decode(decoder)?));
                    Ok(())
                })?;
                Value::Object(members)
            }
            Kind::Tag if decoder.hole() => Value::Null,
            Kind::Tag if matches!(decoder.clone().object(), Ok(Some(("Text", _)))) => {
                Value::String(decoder.any_text()?.into_owned())
            }
            Kind::Bytes | Kind::Tag => {
                return Err(decoder.error("the value has no JSON form"));
            }
        })
    }
}
