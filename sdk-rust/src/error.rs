//! What can go wrong in a handler.

use std::fmt;

/// The result of handlers and of the calls they make.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Why a call was refused, or why a handler gives up.
///
/// A handler that returns an error ends its turn as a panic does: the error is written to the
/// actor's log, nothing of the turn is stored or sent, and the caller gets `actor_trapped`. Handle
/// an error in the handler when the caller should see something better.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The key is empty or longer than the server's limit (2 KiB unless configured).
    KeyTooLarge,
    /// The value, attachment, frame or body is larger than its limit.
    ValueTooLarge,
    /// The actor's storage limit (1 GiB unless configured) would be passed.
    StorageFull,
    /// There is no such connection, request or operation, or it has ended.
    NotFound,
    /// A bound on how many (tags, timers, messages of one turn) would be passed.
    TooMany,
    /// An argument has no meaning here, such as a close code out of range.
    Invalid,
    /// A stored value or an attachment is not what was asked for.
    Cbor(crate::cbor::Error),
    /// A text is not the JSON that was expected.
    Json(crate::json::Error),
    /// What was asked of another actor or of the world outside has failed.
    Failed(crate::Failure),
    /// Cryptography that cannot be done: a key or parameter is wrong, or what is to be decrypted is
    /// not what was encrypted with them. In words.
    Crypto(String),
    /// Anything else, in words.
    Other(String),
}

impl Error {
    /// An error in words.
    ///
    /// ```
    /// # use dormouse::Error;
    /// assert_eq!(Error::other("no such room").to_string(), "no such room");
    /// ```
    pub fn other(message: impl Into<String>) -> Self {
        Error::Other(message.into())
    }

    /// The meaning of a status of the contract; 0 is success.
    pub(crate) fn check(status: u32) -> Result {
        Err(match status {
            0 => return Ok(()),
            1 => Error::KeyTooLarge,
            2 => Error::ValueTooLarge,
            3 => Error::StorageFull,
            4 => Error::NotFound,
            5 => Error::TooMany,
            6 => Error::Invalid,
            other => Error::Other(format!(
                "the server answered the status {other}, which this version of the SDK does not know"
            )),
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::KeyTooLarge => "the key is empty or too long",
            Error::ValueTooLarge => "the value is too large",
            Error::StorageFull => "the actor's storage is full",
            Error::NotFound => "there is no such connection, request or operation",
            Error::TooMany => "there are too many of these",
            Error::Invalid => "an argument is not valid here",
            Error::Cbor(e) => return e.fmt(f),
            Error::Json(e) => return e.fmt(f),
            Error::Failed(failure) => return failure.fmt(f),
            Error::Crypto(message) | Error::Other(message) => message,
        })
    }
}

impl std::error::Error for Error {}

impl From<crate::cbor::Error> for Error {
    fn from(e: crate::cbor::Error) -> Self {
        Error::Cbor(e)
    }
}

impl From<crate::json::Error> for Error {
    fn from(e: crate::json::Error) -> Self {
        Error::Json(e)
    }
}

impl From<String> for Error {
    fn from(message: String) -> Self {
        Error::Other(message)
    }
}

impl From<&str> for Error {
    fn from(message: &str) -> Self {
        Error::Other(message.to_owned())
    }
}

impl From<std::num::ParseIntError> for Error {
    fn from(e: std::num::ParseIntError) -> Self {
        Error::Other(e.to_string())
    }
}

impl From<std::string::FromUtf8Error> for Error {
    fn from(e: std::string::FromUtf8Error) -> Self {
        Error::Other(e.to_string())
    }
}
