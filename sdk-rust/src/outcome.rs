//! How operations end.

use crate::cbor::{self, Decoder};
use crate::{Connection, Failure, Response};

/// What an operation ended with: the bytes that it brought, or a text that says why it failed.
///
/// [`Actor::complete`](crate::Actor::complete) gets it with the operation, and the actor knows what
/// it had asked for. A timer brings no bytes, and a call those of the other's answer; of a request,
/// [`Response::from_outcome`] makes the answer, and of a connection [`Handshake::from_outcome`].
/// The text makes a [`Failure`].
///
/// ```
/// # use dormouse::*;
/// fn answer(waiting: RequestId, outcome: Outcome) -> Result {
///     let answer = match Response::from_outcome(outcome) {
///         Ok(response) => response,
///         Err(failure) if failure.retryable() => {
///             Response::text("later, please").with_status(503)
///         }
///         Err(failure) if failure.kind() == FailureKind::EgressDenied => {
///             Response::text("the manifest does not list that origin").with_status(500)
///         }
///         Err(failure) => Response::text(failure.to_string()).with_status(502),
///     };
///     waiting.respond(&answer)
/// }
/// ```
pub type Outcome = Result<Vec<u8>, String>;

/// How an actor's own attempt to connect ended, when it reached the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handshake {
    /// The connection is open.
    Open {
        /// This actor's end. It gets `message` and `close`, and can send and close; it is not among
        /// [`Ctx::connections`](crate::Ctx::connections), has no attachment or tags, and ends with
        /// the instance.
        connection: Connection,
        /// The sub-protocol that the other side chose.
        protocol: Option<String>,
    },
    /// The other side answered over HTTP in place of the upgrade.
    Refused(Response),
}

impl Handshake {
    /// Reads the outcome of [`ActorRef::connect`](crate::ActorRef::connect) or
    /// [`Web::connect`](crate::Web::connect).
    ///
    /// ```
    /// # use dormouse::*;
    /// fn opened(client: Connection, outcome: Outcome) -> Result {
    ///     match Handshake::from_outcome(outcome) {
    ///         Ok(Handshake::Open { connection, .. }) => client.splice(connection)?,
    ///         Ok(Handshake::Refused(answer)) => client.reject(answer.status(), "refused")?,
    ///         Err(_) => client.reject(503, "try again")?,
    ///     };
    ///     Ok(())
    /// }
    /// ```
    pub fn from_outcome(outcome: Outcome) -> Result<Self, Failure> {
        let bytes = outcome?;
        let mut decoder = Decoder::new(&bytes);
        decoder.array()?;
        let first = decoder.unsigned()?;
        if first < 1000 {
            return Ok(Handshake::Refused(Response::from_outcome(Ok(bytes))?));
        }
        Ok(Handshake::Open {
            connection: Connection::from_id(first),
            protocol: cbor::Decode::decode(&mut decoder)?,
        })
    }
}

impl Response {
    /// Reads the outcome of [`ActorRef::fetch`](crate::ActorRef::fetch) or
    /// [`Web::fetch`](crate::Web::fetch).
    pub fn from_outcome(outcome: Outcome) -> Result<Self, Failure> {
        let bytes = outcome?;
        let mut decoder = Decoder::new(&bytes);
        let length = decoder.array()?;
        let status = decoder.unsigned()? as u16;
        let headers: Vec<(String, String)> = cbor::Decode::decode(&mut decoder)?;
        let body = decoder.bytes()?.to_owned();
        let url = match length {
            4.. => Some(decoder.text()?.to_owned()),
            _ => None,
        };
        Ok(Response::received(status, headers, body, url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that the contract gives for the outcomes.
    #[test]
    fn outcomes_are_read_as_the_contract_writes_them() {
        let reply = b"\x83\x18\xc9\x81\x82\x61a\x61b\x42hi";
        let response = Response::from_outcome(Ok(reply.to_vec())).unwrap();
        assert_eq!(
            (response.status(), response.header("A"), response.body()),
            (201, Some("b"), &b"hi"[..])
        );
        assert_eq!(response.url(), None);
        let web = b"\x84\x18\xc8\x80\x40\x69https://x";
        let response = Response::from_outcome(Ok(web.to_vec())).unwrap();
        assert_eq!(response.url(), Some("https://x"));
        let open = Handshake::from_outcome(Ok(b"\x82\x19\x03\xe8\xf6".to_vec())).unwrap();
        let connection = Connection::from_id(1000);
        let protocol = None;
        assert_eq!(
            open,
            Handshake::Open {
                connection,
                protocol
            }
        );
        let refused = b"\x83\x19\x01\x93\x80\x40".to_vec();
        assert_eq!(
            Handshake::from_outcome(Ok(refused)),
            Ok(Handshake::Refused(Response::new(403)))
        );
        assert!(Handshake::from_outcome(Ok(Vec::new())).is_err());
    }
}
