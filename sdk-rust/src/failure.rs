//! Why operations fail.

use std::fmt;

use crate::{Error, cbor};

/// Why an operation failed. Made from an outcome's text, `code: sentence`.
///
/// ```
/// # use dormouse::{Failure, FailureKind};
/// let failure = Failure::from("overloaded: the mailbox is full".to_owned());
/// assert_eq!((failure.code(), failure.message()), ("overloaded", "the mailbox is full"));
/// assert!(failure.overloaded() && failure.retryable());
/// let failure = Failure::from("egress_denied: http://10.0.0.1 is not listed".to_owned());
/// assert_eq!(failure.kind(), FailureKind::EgressDenied);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    text: String,
    code_length: usize,
}

impl Failure {
    /// What kind of failure the code stands for.
    pub fn kind(&self) -> FailureKind {
        FailureKind::of(self.code())
    }

    /// One of the contract's codes, such as `timeout` or `egress_denied`, or that of another
    /// actor's own error. Empty where its text has none.
    pub fn code(&self) -> &str {
        &self.text[..self.code_length]
    }

    /// The sentence behind the code.
    pub fn message(&self) -> &str {
        match self.code_length {
            0 => &self.text,
            length => self.text[length + 1..].trim_start(),
        }
    }

    /// Whether the other actor or the server had too much to do.
    pub fn overloaded(&self) -> bool {
        self.kind() == FailureKind::Overloaded
    }

    /// Whether the failure may pass. To try again makes sense for what may happen twice.
    pub fn retryable(&self) -> bool {
        matches!(
            self.kind(),
            FailureKind::Overloaded
                | FailureKind::ShuttingDown
                | FailureKind::Timeout
                | FailureKind::Unreachable
                | FailureKind::StorageFailed
        )
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        let code_length = match text.split_once(':') {
            Some((code, _)) if code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => {
                code.len()
            }
            _ => 0,
        };
        Failure { text, code_length }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Error::Failed(failure)
    }
}

impl From<cbor::Error> for Failure {
    fn from(e: cbor::Error) -> Self {
        Failure::from(format!("the outcome is not what was asked for: {e}"))
    }
}

/// The kinds of failures: one for each code of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// Nothing is deployed under the namespace.
    NamespaceNotFound,
    /// The request is malformed: its URL, a header, or what it asks for.
    BadRequest,
    /// What was sent is over its limit.
    PayloadTooLarge,
    /// The other actor lacks the handler.
    NoHandler,
    /// The other actor or the server has too much to do, or the calls nest too deep.
    Overloaded,
    /// The other's turn used up its fuel.
    OutOfFuel,
    /// The other grew beyond its memory limit.
    MemoryExceeded,
    /// The other's calls nested too deep.
    StackExhausted,
    /// The other's handler failed.
    ActorTrapped,
    /// The disk or the other's storage is full.
    StorageFull,
    /// What the other's turn wrote could not be made durable.
    StorageFailed,
    /// It took too long.
    Timeout,
    /// The server is stopping.
    ShuttingDown,
    /// The server does not let this namespace reach that host: neither its manifest nor the
    /// server's configuration allows it. No try will be different.
    EgressDenied,
    /// There is no such host, no connection to it, or it broke.
    Unreachable,
    /// The host has no TLS certificate that the server trusts.
    Untrusted,
    /// The answer was a redirect, which was not wanted, or one too many.
    Redirected,
    /// The answer is over the limit of a body.
    ResponseTooLarge,
    /// Another actor's own error, or a code that this version of the SDK does not know.
    Other,
}

impl FailureKind {
    fn of(code: &str) -> Self {
        match code {
            "namespace_not_found" => FailureKind::NamespaceNotFound,
            "bad_request" => FailureKind::BadRequest,
            "payload_too_large" => FailureKind::PayloadTooLarge,
            "no_handler" => FailureKind::NoHandler,
            "overloaded" => FailureKind::Overloaded,
            "out_of_fuel" => FailureKind::OutOfFuel,
            "memory_exceeded" => FailureKind::MemoryExceeded,
            "stack_exhausted" => FailureKind::StackExhausted,
            "actor_trapped" => FailureKind::ActorTrapped,
            "storage_full" => FailureKind::StorageFull,
            "storage_failed" => FailureKind::StorageFailed,
            "timeout" => FailureKind::Timeout,
            "shutting_down" => FailureKind::ShuttingDown,
            "egress_denied" => FailureKind::EgressDenied,
            "unreachable" => FailureKind::Unreachable,
            "untrusted" => FailureKind::Untrusted,
            "redirected" => FailureKind::Redirected,
            "response_too_large" => FailureKind::ResponseTooLarge,
            _ => FailureKind::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_its_code_from_its_sentence() {
        let parts = |text: &str| {
            let failure = Failure::from(text.to_owned());
            (failure.code().to_owned(), failure.message().to_owned())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(parts("timeout: too late"), pair("timeout", "too late"));
        assert_eq!(parts("egress_denied:no"), pair("egress_denied", "no"));
        assert_eq!(parts("No: not that"), pair("", "No: not that"));
        assert_eq!(parts("as asked"), pair("", "as asked"));
        assert_eq!(parts(": odd"), pair("", ": odd"));
        assert!(Failure::from("timeout: x".to_owned()).retryable());
        assert!(!Failure::from("actor_trapped: x".to_owned()).retryable());
    }

    #[test]
    fn all_codes_of_the_contract_have_a_kind() {
        let contract = include_str!("../../host-abi/ABI.md");
        let (_, section) = contract.split_once("## Error codes").unwrap();
        let (section, _) = section.split_once("\n## ").unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
        let kinds: Vec<FailureKind> = rows
            .map(|row| FailureKind::of(row.split('`').next().unwrap()))
            .collect();
        assert_eq!(kinds.len(), FailureKind::Other as usize);
        assert!((0..).zip(&kinds).all(|(i, &kind)| kind as usize == i));
    }

    #[test]
    fn a_failure_that_no_try_can_change_says_so() {
        let failure = Failure::from("egress_denied: not listed".to_owned());
        assert_eq!(failure.kind(), FailureKind::EgressDenied);
        assert!(!failure.retryable() && !failure.overloaded());
        let error = Error::from(failure.clone());
        assert_eq!(error, Error::Failed(failure));
        assert_eq!(error.to_string(), "egress_denied: not listed");
        let own = Failure::from("not_now: come back tomorrow".to_owned());
        assert_eq!(own.kind(), FailureKind::Other);
    }
}
