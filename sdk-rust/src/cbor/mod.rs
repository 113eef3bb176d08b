//! The stored form of values: CBOR (RFC 8949), the same in every language of Dormouse.
//!
//! [`Encode`] and [`Decode`] are implemented for the usual types of the standard library;
//! [`cbor_struct!`](crate::cbor_struct) makes them for your structs, and [`Value`] holds what has
//! no type of its own.
//!
//! | Rust | CBOR |
//! | --- | --- |
//! | integers | integer in the shortest form; beyond 64 bits tag 2 or 3 |
//! | `f32`, `f64` | 64-bit float |
//! | `bool`, `()`, `Option` | true or false; null; the value or null |
//! | `str`, `String`, `char` | text |
//! | `Vec<u8>`, `[u8]` | byte string |
//! | other `Vec`, slices, arrays, tuples | array |
//! | maps with text keys, structs | map |
//! | maps with other keys | tag 259, map |
//! | sets | tag 258, array |
//! | [`Date`] | tag 1, seconds of Unix time |
//!
//! What JavaScript stores is read, too, where it means the same: a hole of an array as `None`, a text
//! with lone surrogates as a `String` with U+FFFD in their places, an `ArrayBuffer` or `DataView` as
//! `Vec<u8>`. Of its other objects [`Value::as_object`] tells the type and what is in them.
//!
//! ```
//! use dormouse::{cbor, cbor_struct};
//!
//! cbor_struct! {
//!     /// A mouse.
//!     #[derive(Debug, PartialEq)]
//!     pub struct Mouse {
//!         pub name: String,
//!         pub whiskers: u32,
//!         pub nest: Option<String>,
//!     }
//! }
//!
//! let mouse = Mouse { name: "Nell".into(), whiskers: 24, nest: None };
//! let bytes = cbor::to_vec(&mouse);
//! assert_eq!(cbor::from_slice::<Mouse>(&bytes).unwrap(), mouse);
//! ```

mod decoder;
mod encoder;
mod objects;
mod std_types;
mod value;

use std::fmt;

pub use decoder::{Decoder, Kind};
pub use encoder::Encoder;
pub use std_types::Date;
pub use value::Value;

/// The deepest nesting of arrays, maps and tags that is read.
pub const MAX_DEPTH: usize = 128;

/// A type with a CBOR form.
pub trait Encode {
    /// Whether values are CBOR text; a map with such keys needs no tag.
    const IS_TEXT: bool = false;

    /// Writes exactly one CBOR item.
    fn encode(&self, encoder: &mut Encoder);

    /// Writes several as one item. Bytes have a form of their own here.
    #[doc(hidden)]
    fn encode_list(items: &[Self], encoder: &mut Encoder)
    where
        Self: Sized,
    {
        encoder.array(items.len());
        for item in items {
            item.encode(encoder);
        }
    }
}

/// A type that can be read from CBOR.
pub trait Decode: Sized {
    /// Reads exactly one CBOR item.
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error>;

    /// What a field of this type is when a stored map lacks it: an error, unless the type has a
    /// natural absence, as `Option` does.
    fn missing() -> Option<Self> {
        None
    }

    /// Reads several from one item. Bytes have a form of their own here.
    #[doc(hidden)]
    fn decode_list(decoder: &mut Decoder<'_>) -> Result<Vec<Self>, Error> {
        decoder.nested(|decoder| {
            let length = decoder.array()?;
            // Every item takes a byte at least, so a lying length cannot ask for much memory.
            let mut items = Vec::with_capacity(length.min(decoder.remaining()));
            for _ in 0..length {
                items.push(Self::decode(decoder)?);
            }
            Ok(items)
        })
    }
}

/// The bytes of a value.
pub fn to_vec<T: Encode + ?Sized>(value: &T) -> Vec<u8> {
    let mut encoder = Encoder::new();
    value.encode(&mut encoder);
    encoder.into_bytes()
}

/// The value of bytes that hold exactly one item.
pub fn from_slice<T: Decode>(bytes: &[u8]) -> Result<T, Error> {
    let mut decoder = Decoder::new(bytes);
    let value = T::decode(&mut decoder)?;
    decoder.finish()?;
    Ok(value)
}

/// Bytes that are no CBOR, or not the CBOR that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    message: String,
    at: usize,
    key: Option<String>,
}

impl Error {
    /// An error at a byte of the input, for [`Decode`] implementations of your own.
    pub fn new(message: impl Into<String>, at: usize) -> Self {
        Error {
            message: message.into(),
            at,
            key: None,
        }
    }

    pub(crate) fn under(self, key: &str) -> Self {
        Error {
            key: Some(key.to_owned()),
            ..self
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(key) = &self.key {
            write!(f, "the value under {key:?}: ")?;
        }
        write!(f, "{} at byte {}", self.message, self.at)
    }
}

impl std::error::Error for Error {}

/// Makes a struct that can be stored: a CBOR map from its fields' names to their values.
///
/// Unknown fields of a stored map are passed over, and an absent one is an error unless its type is
/// an `Option`: so a field can be added later as an `Option`.
///
/// ```
/// dormouse::cbor_struct! {
///     #[derive(Debug, Clone, PartialEq)]
///     pub struct Note {
///         pub text: String,
///         pub tags: Vec<String>,
///     }
/// }
/// ```
#[macro_export]
macro_rules! cbor_struct {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$field_meta:meta])* $field_visibility:vis $field:ident : $type:ty),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $visibility struct $name {
            $($(#[$field_meta])* $field_visibility $field: $type),+
        }

        impl $crate::cbor::Encode for $name {
            fn encode(&self, encoder: &mut $crate::cbor::Encoder) {
                encoder.map([$(stringify!($field)),+].len());
                $(
                    encoder.text(stringify!($field));
                    $crate::cbor::Encode::encode(&self.$field, encoder);
                )+
            }
        }

        impl $crate::cbor::Decode for $name {
            fn decode(
                decoder: &mut $crate::cbor::Decoder<'_>,
            ) -> ::std::result::Result<Self, $crate::cbor::Error> {
                let at = decoder.position();
                $(let mut $field: ::std::option::Option<$type> = None;)+
                decoder.fields(|decoder, name| {
                    $(
                        if name == stringify!($field) {
                            $field = Some($crate::cbor::Decode::decode(decoder)?);
                            return Ok(());
                        }
                    )+
                    decoder.skip()
                })?;
                Ok($name {
                    $($field: $crate::cbor::or_missing($field, stringify!($field), at)?),+
                })
            }
        }
    };
}

#[doc(hidden)]
pub fn or_missing<T: Decode>(value: Option<T>, name: &str, at: usize) -> Result<T, Error> {
    value
        .or_else(T::missing)
        .ok_or_else(|| Error::new(format!("the map has no field {name:?}"), at))
}

#[cfg(test)]
mod tests;
