//! A server in memory, for unit tests of actors with plain `cargo test`.
//!
//! [`TestHost`] runs one actor as the server would: events one at a time, each a turn whose writes
//! and sends take effect together or, when the handler fails or panics, not at all. Time stands
//! still until [`TestHost::advance`] moves it.
//!
//! ```
//! use dormouse::{testing::TestHost, *};
//!
//! struct Echo;
//! impl Actor for Echo {
//!     fn start(_: &Ctx) -> Result<Self> { Ok(Echo) }
//!     fn message(&mut self, _: &Ctx, connection: Connection, message: Message) -> Result {
//!         connection.send(&message)?;
//!         Ok(())
//!     }
//! }
//!
//! let mut host = TestHost::<Echo>::new("cave");
//! let client = host.connect("/").unwrap();
//! host.message(client, "hello").unwrap();
//! assert_eq!(host.received(client), [Message::from("hello")]);
//! ```

mod aes;
mod crypto;
mod ecdsa;
mod hashes;
pub(crate) mod imports;
mod numbers;
mod outside;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::cbor::{self, Decode};
use crate::http::RequestId;
use crate::{
    Actor, Admission, AlarmEvent, CloseEvent, ConnectRequest, Connection, Ctx, Error, Level,
    Message, Operation, Request, Response, WakingReason,
};
pub use outside::{Asked, Standing, To, What};
use world::{Client, World};

/// How a turn failed: everything that it did was thrown away, and the instance with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// A handler returned this error.
    Error(Error),
    /// A handler panicked with this message.
    Panic(String),
    /// A handler refused the connection with this answer.
    Refused(Response),
    /// A handler refused the connection.
    Rejected {
        /// The HTTP status in place of the upgrade.
        status: u16,
        /// The sentence for the client.
        message: String,
    },
}

/// One actor and all of its surroundings.
pub struct TestHost<A: Actor> {
    actor: Option<A>,
    world: World,
}

impl<A: Actor> TestHost<A> {
    /// An actor of this name that nobody has called yet. Its clock shows 2026-01-01T00:00:00Z.
    pub fn new(name: &str) -> Self {
        TestHost {
            actor: None,
            world: World::new(name),
        }
    }

    /// Gives the namespace a value of the environment.
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.world.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Opens a connection. `url` is the path after the actor's name, with the query.
    pub fn connect(&mut self, url: &str) -> Result<Connection, Failed> {
        self.connect_with(url, &[])
    }

    /// Opens a connection with headers.
    pub fn connect_with(
        &mut self,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Connection, Failed> {
        let headers = headers
            .iter()
            .map(|&(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        let request = ConnectRequest {
            url: url.to_owned(),
            headers,
        };
        let offered = request.header("sec-websocket-protocol").map(|names| {
            let names = names.split(',').map(|name| name.trim().to_owned());
            names.collect::<Vec<String>>()
        });
        let offered = offered.unwrap_or_default();
        let connection = Connection::from_id(self.world.open(Client {
            protocol: offered.first().cloned(),
            offered,
            ..Client::default()
        }));
        self.world.connecting = Some(connection.id());
        let admission = self.turn(WakingReason::Connect, |actor, ctx| {
            let admission = actor.connect(ctx, connection, request)?;
            Error::check(match &admission {
                Admission::Accept => 0,
                Admission::Defer => imports::connection_defer(connection.id()),
                Admission::Refuse(answer) => imports::connection_refuse(
                    connection.id(),
                    answer.status(),
                    answer.headers(),
                    answer.body(),
                ),
                Admission::Reject { status, message } => {
                    imports::connection_reject(connection.id(), *status, message)
                }
            })
        });
        self.world.connecting = None;
        match admission {
            Ok(()) => match self.standing(connection) {
                Standing::Refused(answer) => Err(Failed::Refused(answer)),
                Standing::Rejected { status, message } => Err(Failed::Rejected { status, message }),
                _ => Ok(connection),
            },
            Err(failed) => {
                self.world.drop_connection(connection.id());
                Err(failed)
            }
        }
    }

    /// A client sends a message. What [`Connection::set_auto_response`] asked for is answered without
    /// a turn. When its turn fails, the connection is closed with 1011, as the
    /// server does it.
    pub fn message(
        &mut self,
        connection: Connection,
        message: impl Into<Message>,
    ) -> Result<(), Failed> {
        let message = message.into();
        if self.world.respond_automatically(connection.id(), &message) {
            return Ok(());
        }
        let result = self.turn(WakingReason::Message, |actor, ctx| {
            actor.message(ctx, connection, message)
        });
        if result.is_err() && self.world.shut(connection.id()) {
            let reason = "actor_trapped".to_owned();
            self.world
                .closed
                .insert(connection.id(), (1011, reason.clone()));
            let _ = self.gone(connection, 1011, &reason);
        }
        result
    }

    /// A client closes its connection.
    pub fn close(&mut self, connection: Connection, code: u16, reason: &str) -> Result<(), Failed> {
        self.world.shut(connection.id());
        self.gone(connection, code, reason)
    }

    /// The close event, after which nothing of the connection is left.
    fn gone(&mut self, connection: Connection, code: u16, reason: &str) -> Result<(), Failed> {
        let event = CloseEvent {
            code,
            reason: reason.to_owned(),
        };
        let result = self.turn(WakingReason::Close, |actor, ctx| {
            actor.close(ctx, connection, event)
        });
        self.world.drop_connection(connection.id());
        result
    }

    /// A client asks over HTTP. For an answer that comes later, see [`TestHost::answer`].
    pub fn fetch(&mut self, request: Request) -> Result<Response, Failed> {
        let id = RequestId::new(self.world.next_id());
        self.world.waiting.insert(id.raw());
        let result = self.turn(WakingReason::Fetch, |actor, ctx| {
            let response = actor.fetch(ctx, request.with_id(id))?;
            if !response.is_later() {
                id.respond(&response)?;
            }
            Ok(())
        });
        match result {
            Ok(()) => Ok(self.world.answers.remove(&id.raw()).unwrap_or_else(|| {
                self.world.deferred.push(id.raw());
                Response::later()
            })),
            Err(failed) => {
                self.world.waiting.remove(&id.raw());
                Err(failed)
            }
        }
    }

    /// The answer to the oldest request that was not answered at once, when it is there.
    pub fn answer(&mut self) -> Option<Response> {
        let id = *self.world.deferred.first()?;
        let response = self.world.answers.remove(&id)?;
        self.world.deferred.remove(0);
        Some(response)
    }

    /// What a client has received since it was last asked, in order.
    pub fn received(&mut self, connection: Connection) -> Vec<Message> {
        self.world.sent.remove(&connection.id()).unwrap_or_default()
    }

    /// What a client has received, all of it text.
    ///
    /// # Panics
    /// Where bytes are among it.
    pub fn received_texts(&mut self, connection: Connection) -> Vec<String> {
        self.received(connection)
            .into_iter()
            .map(|message| match message {
                Message::Text(text) => text,
                Message::Bytes(bytes) => panic!("the client received {} bytes", bytes.len()),
            })
            .collect()
    }

    /// With what code and reason the actor closed the connection, if it did.
    pub fn closed(&self, connection: Connection) -> Option<(u16, String)> {
        self.world.closed.get(&connection.id()).cloned()
    }

    /// Moves the clock, and runs the alarm and the timers that become due, in their order. A failed
    /// alarm is tried again 2 s, 4 s, 8 s and so on later.
    pub fn advance(&mut self, duration: Duration) {
        let end = self.world.now + u64::try_from(duration.as_millis()).unwrap_or(0);
        while let Some((due, event)) = self.world.next_due(end) {
            self.world.now = due.max(self.world.now);
            match event {
                world::Due::Timer(id) => {
                    self.world.timers.remove(&id);
                    // The failure is in the log; the server would go on, too.
                    let _ = self.turn(WakingReason::Complete, |actor, ctx| {
                        actor.complete(ctx, Operation::new(id), Ok(Vec::new()))
                    });
                }
                world::Due::Alarm => self.fire(),
            }
        }
        self.world.now = end;
    }

    fn fire(&mut self) {
        let Some(alarm) = self.world.state.alarm.take() else {
            return;
        };
        let event = AlarmEvent {
            attempt: alarm.attempt,
            due_millis: alarm.due,
        };
        let before = alarm.clone();
        if self
            .turn(WakingReason::Alarm, |actor, ctx| actor.alarm(ctx, event))
            .is_err()
        {
            let wait = 2000u64 << before.attempt.min(8);
            self.world.state.alarm = Some(world::Alarm {
                fires: self.world.now + wait,
                attempt: before.attempt + 1,
                ..before
            });
        }
    }

    /// The actor falls asleep: its instance is gone, its storage, alarm and connections stay.
    pub fn sleep(&mut self) {
        self.actor = None;
        self.world.end_instance();
    }

    /// The instance, for a look inside. `None` while the actor sleeps.
    pub fn actor(&self) -> Option<&A> {
        self.actor.as_ref()
    }

    /// What is stored under a key.
    ///
    /// # Panics
    /// Where it is of another type.
    pub fn stored<T: Decode>(&self, key: &str) -> Option<T> {
        self.world
            .state
            .entries
            .get(key)
            .map(|bytes| match cbor::from_slice(bytes) {
                Ok(value) => value,
                Err(e) => panic!("{}", e.under(key)),
            })
    }

    /// When the alarm is due.
    pub fn alarm(&self) -> Option<u64> {
        self.world.state.alarm.as_ref().map(|alarm| alarm.due)
    }

    /// The clock.
    pub fn now_millis(&self) -> u64 {
        self.world.now
    }

    /// The lines of the log, also of turns that failed.
    pub fn log(&self) -> &[(Level, String)] {
        &self.world.log
    }

    fn turn<T>(
        &mut self,
        reason: WakingReason,
        handler: impl FnOnce(&mut A, &Ctx) -> crate::Result<T>,
    ) -> Result<T, Failed> {
        if self.actor.is_none() {
            self.world.waking_reason = reason as u32;
        }
        let before = self.world.state.clone();
        let mut actor = self.actor.take();
        let (world, outcome) = imports::with(std::mem::take(&mut self.world), || {
            catch_unwind(AssertUnwindSafe(|| {
                let ctx = Ctx::new();
                let mut instance = match actor.take() {
                    Some(instance) => instance,
                    None => A::start(&ctx)?,
                };
                let value = handler(&mut instance, &ctx)?;
                Ok::<_, Error>((instance, value))
            }))
        });
        self.world = world;
        let failed = match outcome {
            Ok(Ok((instance, value))) => {
                self.actor = Some(instance);
                self.world.commit();
                while let Some((id, code, reason)) = self.world.closing.pop() {
                    // A failure of the close handler is in the log; this turn has succeeded.
                    let _ = self.gone(Connection::from_id(id), code, &reason);
                }
                return Ok(value);
            }
            Ok(Err(error)) => {
                self.world.log.push((Level::Error, error.to_string()));
                Failed::Error(error)
            }
            Err(panic) => {
                let message = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
                    (Some(text), _) => (*text).to_owned(),
                    (_, Some(text)) => text.clone(),
                    _ => "panic".to_owned(),
                };
                self.world.log.push((Level::Error, message.clone()));
                Failed::Panic(message)
            }
        };
        self.world.roll_back(before);
        Err(failed)
    }
}

#[cfg(test)]
mod tests;
