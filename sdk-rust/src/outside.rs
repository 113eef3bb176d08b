//! Other actors, and the world outside.

use std::marker::PhantomData;

use crate::abi;
use crate::{ConnectRequest, Error, Operation, Request, Result};

/// The other actors of the server; see [`Ctx::actors`](crate::Ctx::actors).
///
/// What is asked of them starts when this turn is durable, and its outcome is the event
/// [`Actor::complete`](crate::Actor::complete). At most 256 operations are open at a time, with
/// those of [`Web`]; one more is [`Error::TooMany`]. They do not outlive the instance, and keep it
/// awake.
///
/// ```
/// use std::collections::HashMap;
/// use dormouse::*;
///
/// struct Desk {
///     asked: HashMap<Operation, RequestId>,
/// }
///
/// impl Actor for Desk {
///     fn start(_: &Ctx) -> Result<Self> {
///         Ok(Desk { asked: HashMap::new() })
///     }
///
///     fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
///         let operation = ctx.actors().get("clerk").call(request.body())?;
///         self.asked.insert(operation, request.id());
///         Ok(Response::later())
///     }
///
///     fn complete(&mut self, _: &Ctx, operation: Operation, outcome: Outcome) -> Result {
///         let Some(request) = self.asked.remove(&operation) else {
///             return Ok(());
///         };
///         request.respond(&match outcome {
///             Ok(bytes) => Response::bytes("application/octet-stream", bytes),
///             Err(text) => Response::text(text).with_status(502),
///         })
///     }
/// }
///
/// export_actor!(Desk: fetch, complete);
///
/// // Under test, the test answers in the other actor's place:
/// let mut host = testing::TestHost::<Desk>::new("desk");
/// assert!(host.fetch(Request::post("/", b"a form")).unwrap().is_later());
/// let asked = host.asked().remove(0);
/// assert_eq!(asked.what, testing::What::Call(b"a form".to_vec()));
/// host.complete(asked.operation, Ok(b"stamped".to_vec())).unwrap();
/// assert_eq!(host.answer().unwrap().text_body(), "stamped");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Actors<'a> {
    pub(crate) namespace: Option<&'a str>,
}

impl<'a> Actors<'a> {
    /// Those of another namespace.
    pub fn in_namespace(self, namespace: &'a str) -> Actors<'a> {
        Actors {
            namespace: Some(namespace),
        }
    }

    /// The actor of this name. It is woken when it is asked for something.
    pub fn get(&self, name: &'a str) -> ActorRef<'a> {
        ActorRef {
            namespace: self.namespace,
            name,
        }
    }

    /// Gives up an operation: its outcome will not arrive, but what it called may have happened.
    /// Answers whether it was open.
    pub fn cancel(&self, operation: Operation) -> bool {
        abi::actors_cancel(operation.id())
    }

    /// The name by which others can [`ActorRef::call`] this instance. An actor's is its own. A
    /// gateway's serves for calls alone, and only while the gateway is there.
    pub fn address(&self) -> String {
        abi::actors_address()
    }

    /// The id of the actor of this actor's namespace that has this name. It need not exist.
    pub fn id_of(&self, name: &str) -> String {
        abi::actors_id_of(name)
    }

    /// The name of the actor of this actor's namespace that has this id, if it exists or
    /// [`Actors::id_of`] was asked for it lately.
    pub fn name_of(&self, id: &str) -> Option<String> {
        abi::actors_name_of(id)
    }
}

/// Another actor, by its name; see [`Actors::get`].
#[derive(Debug, Clone, Copy)]
pub struct ActorRef<'a> {
    namespace: Option<&'a str>,
    name: &'a str,
}

impl ActorRef<'_> {
    /// Sends it an HTTP request, whose URL starts with `/`. The outcome is for
    /// [`Response::from_outcome`](crate::Response::from_outcome).
    pub fn fetch(&self, request: &Request) -> Result<Operation> {
        started(abi::actors_fetch(
            self.namespace,
            self.name,
            request.method(),
            request.url(),
            request.headers(),
            request.body(),
        ))
    }

    /// Calls its [`Actor::call`](crate::Actor::call). The outcome is its answer.
    pub fn call(&self, payload: &[u8]) -> Result<Operation> {
        started(abi::actors_call(self.namespace, self.name, payload))
    }

    /// Opens a connection to it, at a URL that starts with `/`. The outcome is for
    /// [`Handshake::from_outcome`](crate::Handshake::from_outcome).
    pub fn connect(&self, request: &ConnectRequest) -> Result<Operation> {
        started(abi::actors_connect(
            self.namespace,
            self.name,
            request.url(),
            request.headers(),
        ))
    }
}

/// The world outside, as far as the app's manifest and the server let this namespace reach it; see
/// [`Ctx::web`](crate::Ctx::web). What they do not allow fails as
/// [`FailureKind::EgressDenied`](crate::FailureKind::EgressDenied), with the reason.
/// Operations are as those of [`Actors`].
///
/// ```
/// # use dormouse::*;
/// fn ask(ctx: &Ctx) -> Result<Operation> {
///     let request = Request::get("https://api.example.com/price").with_header("accept", "text/plain");
///     ctx.web().redirects(Redirects::Fail).fetch(&request)
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Web<'a> {
    pub(crate) ctx: PhantomData<&'a ()>,
    pub(crate) redirects: Redirects,
}

/// What a request does with an answer that points elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redirects {
    /// Goes there, at most 20 times.
    #[default]
    Follow,
    /// Takes the first answer as it is.
    Manual,
    /// Fails with the code `redirected`.
    Fail,
}

impl Web<'_> {
    /// The same with another way to treat redirects, which are followed by default.
    pub fn redirects(self, redirects: Redirects) -> Self {
        Web { redirects, ..self }
    }

    /// Sends a request to an absolute `http` or `https` URL. The outcome is for
    /// [`Response::from_outcome`](crate::Response::from_outcome).
    pub fn fetch(&self, request: &Request) -> Result<Operation> {
        started(abi::web_fetch(
            request.method(),
            request.url(),
            request.headers(),
            request.body(),
            self.redirects as u32,
        ))
    }

    /// Opens a WebSocket to an absolute URL, offering these sub-protocols. The outcome is for
    /// [`Handshake::from_outcome`](crate::Handshake::from_outcome).
    pub fn connect(&self, request: &ConnectRequest, protocols: &[&str]) -> Result<Operation> {
        started(abi::web_connect(
            request.url(),
            protocols,
            request.headers(),
        ))
    }

    /// Gives up an operation, as [`Actors::cancel`] does.
    pub fn cancel(&self, operation: Operation) -> bool {
        abi::actors_cancel(operation.id())
    }
}

fn started(operation: u64) -> Result<Operation> {
    match operation {
        0 => Err(Error::TooMany),
        id => Ok(Operation::new(id)),
    }
}
