//! The objects of other languages: tag 27, the type's name, and what is in it.

use std::borrow::Cow;

use super::{Decoder, Error, Kind, Value};

const OBJECT: u64 = 27;
/// A `Uint8ClampedArray`, whose bytes are like any others here.
const CLAMPED: u64 = 68;

impl<'a> Decoder<'a> {
    /// Reads the head of an object of another language, where one comes: its type's name, and how
    /// many items of it follow. Reads nothing where another item comes.
    ///
    /// ```
    /// use dormouse::cbor::Decoder;
    /// let stored = b"\xd8\x1b\x83\x66RegExp\x61a\x61g"; // what JavaScript stores for /a/g
    /// let mut decoder = Decoder::new(stored);
    /// assert_eq!(decoder.object().unwrap(), Some(("RegExp", 2)));
    /// assert_eq!((decoder.text().unwrap(), decoder.text().unwrap()), ("a", "g"));
    /// ```
    pub fn object(&mut self) -> Result<Option<(&'a str, usize)>, Error> {
        if self.peek()? != Kind::Tag {
            return Ok(None);
        }
        let mut ahead = self.clone();
        if ahead.tag()? != OBJECT {
            return Ok(None);
        }
        let Some(items) = ahead.array()?.checked_sub(1) else {
            return Err(self.error("the object has no name"));
        };
        let name = ahead.text()?;
        *self = ahead;
        Ok(Some((name, items)))
    }

    /// Reads the hole of an array, where one comes.
    pub(crate) fn hole(&mut self) -> bool {
        let mut ahead = self.clone();
        let found = matches!(ahead.object(), Ok(Some(("Hole", 0))));
        if found {
            *self = ahead;
        }
        found
    }

    /// Reads a text. One with lone surrogates, as JavaScript has them, has U+FFFD in their places.
    pub(crate) fn any_text(&mut self) -> Result<Cow<'a, str>, Error> {
        let start = self.clone();
        match self.object()? {
            None => self.text().map(Cow::Borrowed),
            Some(("Text", 1)) => self.bytes().map(|units| Cow::Owned(text_of(units))),
            Some((name, _)) => {
                Err(start.error(format!("expected a text and found the object {name}")))
            }
        }
    }

    /// Reads bytes, in whichever of JavaScript's types they were.
    pub(super) fn any_bytes(&mut self) -> Result<&'a [u8], Error> {
        let start = self.clone();
        match self.object()? {
            Some(("ArrayBuffer" | "DataView", 1)) => self.bytes(),
            Some((name, _)) => Err(start.error(format!(
                "expected a byte string and found the object {name}"
            ))),
            None => {
                if self.peek()? == Kind::Tag {
                    self.expect_tag(CLAMPED)?;
                }
                self.bytes()
            }
        }
    }
}

/// The text of UTF-16 units in little-endian order.
fn text_of(units: &[u8]) -> String {
    let units = units.chunks(2).map(|unit| match *unit {
        [low, high] => u16::from_le_bytes([low, high]),
        _ => 0xfffd,
    });
    char::decode_utf16(units)
        .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

impl Value {
    /// The type's name and the items of an object of another language: `("Error", [name, message,
    /// …])` for an error, `("RegExp", [source, flags])`, and so on.
    ///
    /// ```
    /// use dormouse::cbor::Value;
    /// let text = |text: &str| Value::Text(text.to_owned());
    /// let items = vec![text("RegExp"), text("a+b"), text("g")];
    /// let pattern = Value::Tag(27, Box::new(Value::Array(items)));
    /// assert_eq!(pattern.as_object(), Some(("RegExp", &[text("a+b"), text("g")][..])));
    /// ```
    pub fn as_object(&self) -> Option<(&str, &[Value])> {
        let Value::Tag(OBJECT, content) = self else {
            return None;
        };
        match &**content {
            Value::Array(all) => match &all[..] {
                [Value::Text(name), items @ ..] => Some((name, items)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is what an array of JavaScript has where it has nothing.
    pub fn is_hole(&self) -> bool {
        self.as_object() == Some(("Hole", &[]))
    }

    /// The text, where it is one; with U+FFFD in the place of lone surrogates.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match (self, self.as_object()) {
            (Value::Text(text), _) => Some(Cow::Borrowed(text)),
            (_, Some(("Text", [Value::Bytes(units)]))) => Some(Cow::Owned(text_of(units))),
            _ => None,
        }
    }

    /// The bytes, where it is a byte string, an `ArrayBuffer`, a `DataView` or clamped bytes.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match (self, self.as_object()) {
            (Value::Bytes(bytes), _)
            | (_, Some(("ArrayBuffer" | "DataView", [Value::Bytes(bytes)]))) => Some(bytes),
            (Value::Tag(CLAMPED, content), _) => content.as_bytes(),
            _ => None,
        }
    }
}
