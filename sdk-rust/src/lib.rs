//! Write durable actors for Dormouse in Rust.
//!
//! An actor is a Rust value that lives on the server under a name. It handles one event at a time:
//! a connection, a message, an HTTP request, an alarm. One call of a handler is one *turn*: all that
//! it stores, sends and sets takes effect together when it returns `Ok`, and nothing of it does when
//! it returns `Err`, panics or runs out of a budget.
//!
//! ```
//! use dormouse::{Actor, Ctx, Request, Response, Result, export_actor};
//!
//! struct Counter;
//!
//! impl Actor for Counter {
//!     fn start(_: &Ctx) -> Result<Self> {
//!         Ok(Counter)
//!     }
//!
//!     fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
//!         let mut count: u64 = ctx.storage().get("count")?.unwrap_or(0);
//!         if request.method() == "POST" {
//!             count += 1;
//!             ctx.storage().put("count", &count)?;
//!         }
//!         Ok(Response::text(count.to_string()))
//!     }
//! }
//!
//! export_actor!(Counter: fetch);
//!
//! // The same actor under test, without a server:
//! use dormouse::testing::TestHost;
//! let mut host = TestHost::<Counter>::new("mouse");
//! assert_eq!(host.fetch(Request::post("/", b"")).unwrap().text_body(), "1");
//! host.sleep(); // the instance is gone, its storage is not
//! assert_eq!(host.fetch(Request::get("/")).unwrap().text_body(), "1");
//! ```
//!
//! # Where to look
//!
//! * [`Actor`] and [`export_actor!`]: what you implement, and how the server gets to see it.
//! * [`Ctx`]: storage, alarm, connections, timers, clock, randomness, environment, the actor's name.
//! * [`Ctx::actors`] and [`Ctx::web`]: what an actor asks of others; their answers are its
//!   [`complete`](Actor::complete), and what others ask of it is its [`call`](Actor::call).
//! * [`cbor`]: how values are stored; [`cbor_struct!`](crate::cbor_struct) for your own types.
//! * [`json`]: values, parser and writer for text frames and bodies; [`json!`](crate::json!).
//! * [`testing`]: a server in memory for unit tests.
//!
//! # Memory
//!
//! Plain fields of the actor live as long as its instance: until it has been idle for a while, its
//! module is replaced, or a turn fails. What must survive belongs into [`Storage`].
//!
//! The default feature `allocator` brings a global allocator that makes small actors fit into one
//! page of 64 KiB. An app with a `#[global_allocator]` of its own does without the feature.

mod abi;
mod actor;
#[cfg(any(
    test,
    all(
        target_arch = "wasm32",
        feature = "allocator",
        not(target_feature = "atomics")
    )
))]
#[allow(unsafe_code)]
mod allocator;
pub mod cbor;
mod crypto;
mod ctx;
mod error;
mod events;
#[doc(hidden)]
pub mod exports;
mod failure;
mod http;
pub mod json;
mod log;
mod outcome;
mod outside;
mod rpc;
mod storage;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use actor::Actor;
pub use crypto::{Aes, Crypto, Curve, Hash, KeyPair};
pub use ctx::{
    Alarm, App, Connection, Connections, Ctx, Env, Identity, Operation, Random, Role, Timer,
    WakingReason,
};
pub use error::{Error, Result};
pub use events::{Admission, AlarmEvent, CloseEvent, ConnectRequest, Message};
pub use failure::{Failure, FailureKind};
pub use http::{Request, RequestId, Response};
pub use log::{Level, write as log_write};
pub use outcome::{Handshake, Outcome};
pub use outside::{ActorRef, Actors, Redirects, Web};
pub use rpc::{Answer, Call, CallId};
pub use storage::{ListOptions, Storage};
