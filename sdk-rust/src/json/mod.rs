//! JSON (RFC 8259) for text frames and bodies: a value, a parser and a writer.
//!
//! ```
//! use dormouse::json;
//!
//! let value = json::parse(r#"{"type": "HIT", "times": 3}"#).unwrap();
//! assert_eq!(value["type"].as_str(), Some("HIT"));
//! assert_eq!(value["times"].as_i64(), Some(3));
//! assert!(value["nothing"].is_null());
//!
//! let answer = json!({"isAllowed": true, "left": 7});
//! assert_eq!(answer.to_string(), r#"{"isAllowed":true,"left":7}"#);
//! ```

mod parser;
mod value;

use std::fmt;

pub use value::Value;

/// The deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 128;

/// Reads a text that is exactly one JSON value.
///
/// Of a name that an object has twice the last value counts. Integers that fit 64 bits stay exact.
pub fn parse(text: &str) -> Result<Value, Error> {
    parser::parse(text)
}

/// A text that is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    message: &'static str,
    at: usize,
}

impl Error {
    pub(crate) fn not_text() -> Self {
        Error {
            message: "expected JSON as UTF-8 text",
            at: 0,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not valid JSON: {} at byte {}", self.message, self.at)
    }
}

impl std::error::Error for Error {}

/// Makes a [`json::Value`](crate::json::Value).
///
/// Values are expressions of any type that converts into a value; an object or array inside needs a
/// `json!` of its own.
///
/// ```
/// use dormouse::json;
/// let name = "Nell";
/// let value = json!({"name": name, "toes": json!([4, 5]), "nest": json!(null)});
/// assert_eq!(value.to_string(), r#"{"name":"Nell","toes":[4,5],"nest":null}"#);
/// ```
#[macro_export]
macro_rules! json {
    (null) => { $crate::json::Value::Null };
    ({ $($name:literal : $value:expr),* $(,)? }) => {
        $crate::json::Value::Object(::std::vec![
            $((::std::string::String::from($name), $crate::json::Value::from($value))),*
        ])
    };
    ([ $($value:expr),* $(,)? ]) => {
        $crate::json::Value::Array(::std::vec![$($crate::json::Value::from($value)),*])
    };
    ($value:expr) => { $crate::json::Value::from($value) };
}

#[cfg(test)]
mod tests;
