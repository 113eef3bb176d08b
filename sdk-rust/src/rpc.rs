//! Calls from other actors.

use crate::{Error, Outcome, Result, abi};

/// A call from another actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    id: CallId,
    payload: Vec<u8>,
}

impl Call {
    pub(crate) fn received(id: CallId, payload: Vec<u8>) -> Self {
        Call { id, payload }
    }

    /// What to answer the call by in a later turn.
    pub fn id(&self) -> CallId {
        self.id
    }

    /// The bytes that the caller gave.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Takes the payload out, without a copy.
    pub fn into_payload(self) -> Vec<u8> {
        self.payload
    }
}

/// A call that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallId {
    id: u64,
}

impl CallId {
    pub(crate) fn new(id: u64) -> Self {
        CallId { id }
    }

    /// Answers the call whose handler returned [`Answer::later`]. It is [`Error::NotFound`] when
    /// the call was answered before, or waited longer than the server allows.
    pub fn respond(self, answer: &Answer) -> Result {
        match &answer.outcome {
            Some(outcome) => Error::check(abi::rpc_respond(self.id, outcome)),
            None => Err(Error::other("Answer::later() is not an answer")),
        }
    }
}

/// The answer to a call: bytes, or an error that its caller gets as it is. An error is an answer
/// like any other: what the turn stored stays.
///
/// ```
/// # use dormouse::*;
/// fn double(payload: &[u8]) -> Answer {
///     match cbor::from_slice::<u32>(payload) {
///         Ok(number) => Answer::bytes(cbor::to_vec(&(number * 2))),
///         Err(e) => Answer::error(format!("bad_request: {e}")),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    outcome: Option<Outcome>,
}

impl Answer {
    /// Success, with bytes.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Answer::from(Ok(bytes.into()))
    }

    /// An error, best as `code: sentence`.
    pub fn error(text: impl Into<String>) -> Self {
        Answer::from(Err(text.into()))
    }

    /// No answer yet: a later turn gives it with [`CallId::respond`].
    pub fn later() -> Self {
        Answer { outcome: None }
    }

    /// Whether the answer comes in a later turn.
    pub fn is_later(&self) -> bool {
        self.outcome.is_none()
    }

    /// What the caller gets, where it is known.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        Answer {
            outcome: Some(outcome),
        }
    }
}
