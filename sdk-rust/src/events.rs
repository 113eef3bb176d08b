//! What happens to an actor.

use crate::{Response, Result};

/// How a client asked for its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectRequest {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
}

impl ConnectRequest {
    /// A request for a connection of this actor's own: to another actor, by a path that starts with
    /// `/`, or to the world outside, by an absolute URL.
    pub fn new(url: &str) -> Self {
        ConnectRequest {
            url: url.to_owned(),
            headers: Vec::new(),
        }
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The path after the actor's name, with the query: it starts with `/`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        crate::http::path(&self.url)
    }

    /// The first query parameter of this name, percent-decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        crate::http::query(&self.url, name)
    }

    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        crate::http::header(&self.headers, name)
    }

    /// All headers, in their order.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }
}

/// Whether a client may have its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The connection opens, with the first of the sub-protocols that the client offers;
    /// [`Connection::accept`](crate::Connection::accept) chooses another.
    Accept,
    /// The client waits until [`Connection::accept`](crate::Connection::accept),
    /// [`Connection::reject`](crate::Connection::reject) or
    /// [`Connection::splice`](crate::Connection::splice) decides in a later turn. Nobody decides within
    /// the time to answer a request: the client gets the error `timeout`, and the connection is gone
    /// without a `close`.
    Defer,
    /// The client gets this answer in place of the upgrade, of status 200 to 599.
    Refuse(Response),
    /// The client gets an HTTP answer of the host in place of the upgrade.
    Reject {
        /// 400 to 599.
        status: u16,
        /// A sentence for the client.
        message: String,
    },
}

impl Admission {
    /// Refuses with an HTTP status of 400 to 599 and a sentence for the client.
    ///
    /// ```
    /// # use dormouse::*;
    /// fn admit(request: &ConnectRequest) -> Admission {
    ///     match request.query("token").as_deref() {
    ///         Some("cheese") => Admission::Accept,
    ///         _ => Admission::reject(403, "members only"),
    ///     }
    /// }
    /// ```
    pub fn reject(status: u16, message: impl Into<String>) -> Self {
        Admission::Reject {
            status,
            message: message.into(),
        }
    }
}

/// One message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Bytes(Vec<u8>),
}

impl Message {
    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Message::Text(text) => Some(text),
            Message::Bytes(_) => None,
        }
    }

    /// The message as bytes, whatever its kind.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Message::Text(text) => text.as_bytes(),
            Message::Bytes(bytes) => bytes,
        }
    }

    /// Reads the text as JSON. A binary message is an error.
    pub fn json(&self) -> Result<crate::json::Value, crate::json::Error> {
        match self {
            Message::Text(text) => crate::json::parse(text),
            Message::Bytes(_) => Err(crate::json::Error::not_text()),
        }
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Message::Text(text.to_owned())
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Message::Text(text)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Message::Bytes(bytes)
    }
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseEvent {
    /// The code of the close frame; 1006 where the client left without one.
    pub code: u16,
    /// The reason of the close frame, or nothing.
    pub reason: String,
}

/// An alarm that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlarmEvent {
    /// How often this alarm was tried before: 0 the first time.
    pub attempt: u32,
    /// The time it was set to, in milliseconds of Unix time.
    pub due_millis: u64,
}
