//! What a handler can reach.

use std::marker::PhantomData;
use std::time::Duration;

use crate::abi;
use crate::cbor::{self, Decode, Encode};
use crate::json;
use crate::{
    Actors, AlarmEvent, Crypto, Error, Message, Redirects, Response, Result, Storage, Web,
};

/// What a handler can reach: the actor's storage, alarm, connections and the rest of its world.
/// It belongs to one turn and cannot be kept.
#[derive(Debug)]
pub struct Ctx {
    // Neither Send nor constructible by anyone else.
    here: PhantomData<*const ()>,
}

impl Ctx {
    pub(crate) fn new() -> Self {
        Ctx { here: PhantomData }
    }

    /// The actor's durable storage.
    pub fn storage(&self) -> Storage<'_> {
        Storage { ctx: PhantomData }
    }

    /// The actor's one durable alarm.
    pub fn alarm(&self) -> Alarm<'_> {
        Alarm { ctx: PhantomData }
    }

    /// The open connections to the actor.
    pub fn connections(&self) -> Connections<'_> {
        Connections { tag: None }
    }

    /// Timers that live as long as the instance.
    pub fn timer(&self) -> Timer<'_> {
        Timer { ctx: PhantomData }
    }

    /// The other actors of the server.
    pub fn actors(&self) -> Actors<'_> {
        Actors { namespace: None }
    }

    /// The world outside, as far as it may be reached.
    pub fn web(&self) -> Web<'_> {
        Web {
            ctx: PhantomData,
            redirects: Redirects::Follow,
        }
    }

    /// Hashes, keys, ciphers and signatures.
    pub fn crypto(&self) -> Crypto<'_> {
        Crypto { ctx: PhantomData }
    }

    /// The module that this instance is of.
    pub fn app(&self) -> App<'_> {
        App { ctx: PhantomData }
    }

    /// Strong randomness.
    pub fn random(&self) -> Random<'_> {
        Random { ctx: PhantomData }
    }

    /// The values that the app's manifest and the server's configuration give to the namespace.
    pub fn env(&self) -> Env<'_> {
        Env { ctx: PhantomData }
    }

    /// Who this actor is.
    pub fn identity(&self) -> Identity<'_> {
        Identity { ctx: PhantomData }
    }

    /// The actor's name, as callers address it.
    pub fn name(&self) -> String {
        self.identity().name()
    }

    /// Milliseconds of Unix time. It stands still during a turn, so that a turn can be repeated
    /// exactly.
    pub fn now_millis(&self) -> u64 {
        abi::clock_now()
    }
}

/// Who this actor is; see [`Ctx::identity`].
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    ctx: PhantomData<&'a ()>,
}

impl Identity<'_> {
    /// The actor's name, as callers address it: 1 to 512 bytes.
    pub fn name(&self) -> String {
        abi::identity_name()
    }

    /// 64 lower-case hexadecimal digits, derived from namespace and name.
    pub fn id(&self) -> String {
        abi::identity_id()
    }

    /// The namespace that the actor's module is bound to.
    pub fn namespace(&self) -> String {
        abi::identity_namespace()
    }

    /// The kind of event that made this instance start.
    pub fn waking_reason(&self) -> WakingReason {
        match abi::identity_waking_reason() {
            0 => WakingReason::Connect,
            1 => WakingReason::Message,
            2 => WakingReason::Close,
            3 => WakingReason::Fetch,
            4 => WakingReason::Alarm,
            5 => WakingReason::Complete,
            _ => WakingReason::Call,
        }
    }
}

/// The kind of event that made an instance start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WakingReason {
    /// A client opened a connection.
    Connect,
    /// A message on a connection that was open while the actor slept.
    Message,
    /// A connection ended.
    Close,
    /// An HTTP request.
    Fetch,
    /// The alarm.
    Alarm,
    /// A finished asynchronous operation.
    Complete,
    /// A call from another actor.
    Call,
}

/// The module that this instance is of; see [`Ctx::app`].
#[derive(Debug, Clone, Copy)]
pub struct App<'a> {
    ctx: PhantomData<&'a ()>,
}

impl App<'_> {
    /// Whether the instance is an actor or a gateway.
    pub fn role(&self) -> Role {
        match abi::app_role() {
            0 => Role::Actor,
            _ => Role::Gateway,
        }
    }

    /// How many bytes of memory this instance may have, tables included.
    pub fn memory_limit(&self) -> u64 {
        abi::app_memory_limit()
    }

    /// A custom section of the module. Those with debugging information are left out.
    pub fn section(&self, name: &str) -> Option<Vec<u8>> {
        abi::app_section(name)
    }
}

/// What an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// One actor.
    Actor,
    /// One of the namespace's gateways: it has no name, and to use its storage or alarm ends the
    /// turn. It gets all requests to the namespace from outside, and passes them on with
    /// [`Ctx::actors`].
    Gateway,
}

/// The actor's one alarm: durable, at least once, never early; see [`Ctx::alarm`].
///
/// ```
/// # use dormouse::*;
/// use std::time::Duration;
/// fn remind_in_an_hour(ctx: &Ctx) {
///     ctx.alarm().set_in(Duration::from_secs(3600));
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Alarm<'a> {
    ctx: PhantomData<&'a ()>,
}

impl Alarm<'_> {
    /// When it is due, in milliseconds of Unix time.
    pub fn get(&self) -> Option<u64> {
        abi::alarm_get()
    }

    /// Sets or moves it. A time in the past is due at once.
    pub fn set_at_millis(&self, due_millis: u64) {
        abi::alarm_set(due_millis);
    }

    /// Sets or moves it so far from now, and answers when it is due.
    pub fn set_in(&self, delay: Duration) -> u64 {
        let due_millis = abi::clock_now().saturating_add(millis(delay));
        abi::alarm_set(due_millis);
        due_millis
    }

    /// Has an alarm that could not be handled tried again so much later, with one attempt more: for
    /// an actor that keeps what its turn has done, where a failed turn is tried again without it.
    /// Until then [`Alarm::get`] answers what it was set to, and to set or delete it ends this, too.
    ///
    /// ```
    /// # use dormouse::*;
    /// # use std::time::Duration;
    /// fn alarm(ctx: &Ctx, event: AlarmEvent) -> Result {
    ///     ctx.storage().put("attempts", &(event.attempt + 1))?;
    ///     ctx.alarm().retry_in(Duration::from_secs(10), event);
    ///     Ok(())
    /// }
    /// ```
    pub fn retry_in(&self, delay: Duration, event: AlarmEvent) {
        let at_millis = abi::clock_now().saturating_add(millis(delay));
        abi::alarm_retry(at_millis, event.due_millis, event.attempt.saturating_add(1));
    }

    /// Clears it.
    pub fn delete(&self) {
        abi::alarm_delete();
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// One open WebSocket of one client. The server owns it: it stays open, with its attachment and its
/// tags, while the actor sleeps. Ids are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Connection {
    id: u64,
}

impl Connection {
    pub(crate) fn new(id: u64) -> Self {
        Connection { id }
    }

    /// Its id, to be stored or used as a key.
    pub fn id(self) -> u64 {
        self.id
    }

    /// The connection of a stored id. It may have ended since.
    pub fn from_id(id: u64) -> Self {
        Connection { id }
    }

    /// Sends a text. Answers `false` where the client has left.
    pub fn send_text(self, text: &str) -> Result<bool> {
        unless_gone(abi::connection_send_text(self.id, text))
    }

    /// Sends bytes. Answers `false` where the client has left.
    pub fn send_bytes(self, bytes: &[u8]) -> Result<bool> {
        unless_gone(abi::connection_send_bytes(self.id, bytes))
    }

    /// Sends JSON as a text. Answers `false` where the client has left.
    pub fn send_json(self, value: &json::Value) -> Result<bool> {
        self.send_text(&value.to_string())
    }

    /// Sends a message as it is. Answers `false` where the client has left.
    pub fn send(self, message: &Message) -> Result<bool> {
        match message {
            Message::Text(text) => self.send_text(text),
            Message::Bytes(bytes) => self.send_bytes(bytes),
        }
    }

    /// Closes it with a code of 1000 to 1014 (not 1004 or 1006) or 3000 to 4999 and a reason of at
    /// most 123 bytes; 1005 stands for none. Answers `false` where the client has left.
    pub fn close(self, code: u16, reason: &str) -> Result<bool> {
        unless_gone(abi::connection_close(self.id, code, reason))
    }

    /// Opens it, where [`Admission::Defer`](crate::Admission::Defer) let it wait or this is its
    /// `connect`: with one of the sub-protocols that the client offered, or with none. Answers
    /// `false` where it is open or gone.
    pub fn accept(self, protocol: Option<&str>) -> Result<bool> {
        unless_gone(abi::connection_accept(self.id, protocol))
    }

    /// Refuses it, where it waits, with an HTTP status of 400 to 599. Answers `false` where it is
    /// open or gone.
    pub fn reject(self, status: u16, message: &str) -> Result<bool> {
        unless_gone(abi::connection_reject(self.id, status, message))
    }

    /// Refuses it, where it waits, with a whole answer of status 200 to 599. Answers `false` where it
    /// is open or gone.
    pub fn refuse(self, answer: &Response) -> Result<bool> {
        unless_gone(abi::connection_refuse(
            self.id,
            answer.status(),
            answer.headers(),
            answer.body(),
        ))
    }

    /// Has the host answer a message that is exactly `request` with `response`, without waking this
    /// actor, from the end of this turn on. Both have at most 2,048 bytes. Answers `false` where the
    /// client has left.
    ///
    /// ```
    /// # use dormouse::*;
    /// fn keep_alive(connection: Connection) -> Result {
    ///     connection.set_auto_response("ping", "pong")?;
    ///     Ok(())
    /// }
    /// ```
    pub fn set_auto_response(self, request: &str, response: &str) -> Result<bool> {
        let pair = Some((request, response));
        unless_gone(abi::connection_set_auto_response(self.id, pair))
    }

    /// Ends what [`Connection::set_auto_response`] began. Answers `false` where the client has left.
    pub fn clear_auto_response(self) -> Result<bool> {
        unless_gone(abi::connection_set_auto_response(self.id, None))
    }

    /// What the host answers by itself, and with what.
    pub fn auto_response(self) -> Option<(String, String)> {
        abi::connection_auto_response(self.id)
    }

    /// When the host last did so, in milliseconds of Unix time.
    pub fn auto_response_at(self) -> Option<u64> {
        abi::connection_auto_response_at(self.id)
    }

    /// Joins it to another one of this actor: what one peer sends goes to the other without this
    /// actor, and so does the close. Both are gone from this actor, without a `close`. At least one
    /// was opened by this actor ([`Handshake::Open`](crate::Handshake::Open)); one that waits is
    /// accepted by this. Answers `false` where one is gone.
    pub fn splice(self, other: Connection) -> Result<bool> {
        unless_gone(abi::connection_splice(self.id, other.id))
    }

    /// What [`Connection::set_attachment`] attached last.
    pub fn attachment<T: Decode>(self) -> Result<Option<T>> {
        match abi::connection_get_attachment(self.id) {
            Some(bytes) => Ok(Some(cbor::from_slice(&bytes)?)),
            None => Ok(None),
        }
    }

    /// Attaches a value of at most 16 KiB, which lives as long as the connection and survives the
    /// actor's sleep. Answers `false` where the client has left.
    ///
    /// ```
    /// # use dormouse::*;
    /// fn greet(connection: Connection, request: &ConnectRequest) -> Result {
    ///     connection.set_attachment(&request.query("user").unwrap_or_default())?;
    ///     Ok(())
    /// }
    /// ```
    pub fn set_attachment<T: Encode + ?Sized>(self, value: &T) -> Result<bool> {
        unless_gone(abi::connection_set_attachment(
            self.id,
            &cbor::to_vec(value),
        ))
    }

    /// Its tags.
    pub fn tags(self) -> Vec<String> {
        abi::connection_tags(self.id)
    }

    /// Replaces its tags: at most 10 of at most 256 bytes. Answers `false` where the client has left.
    pub fn set_tags(self, tags: &[impl AsRef<str>]) -> Result<bool> {
        unless_gone(abi::connection_set_tags(self.id, tags))
    }
}

fn unless_gone(status: u32) -> Result<bool> {
    match Error::check(status) {
        Ok(()) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(e) => Err(e),
    }
}

/// The open connections to the actor: all, or those with a tag; see [`Ctx::connections`].
///
/// ```
/// # use dormouse::*;
/// fn cheer(ctx: &Ctx) {
///     ctx.connections().broadcast_text("hello, everyone");
///     ctx.connections().tagged("red").broadcast_text("red team, your turn");
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Connections<'a> {
    tag: Option<&'a str>,
}

impl<'a> Connections<'a> {
    /// Those with the tag.
    pub fn tagged(self, tag: &'a str) -> Connections<'a> {
        Connections { tag: Some(tag) }
    }

    /// The connections, oldest first.
    pub fn list(&self) -> Vec<Connection> {
        abi::connection_list(self.tag)
            .into_iter()
            .map(Connection::new)
            .collect()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        abi::connection_list(self.tag).len()
    }

    /// Sends one text to each, and answers how many those are.
    pub fn broadcast_text(&self, text: &str) -> u32 {
        abi::connection_broadcast_text(self.tag, text)
    }

    /// Sends the same bytes to each, and answers how many those are.
    pub fn broadcast_bytes(&self, bytes: &[u8]) -> u32 {
        abi::connection_broadcast_bytes(self.tag, bytes)
    }

    /// Sends JSON as a text to each, and answers how many those are.
    pub fn broadcast_json(&self, value: &json::Value) -> u32 {
        self.broadcast_text(&value.to_string())
    }
}

/// An asynchronous operation that is under way. Its end is the event
/// [`Actor::complete`](crate::Actor::complete).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operation {
    id: u64,
}

impl Operation {
    pub(crate) fn new(id: u64) -> Self {
        Operation { id }
    }

    /// Its id.
    pub fn id(self) -> u64 {
        self.id
    }
}

/// Timers that live as long as the instance does; see [`Ctx::timer`]. Use the alarm for what must
/// survive.
#[derive(Debug, Clone, Copy)]
pub struct Timer<'a> {
    ctx: PhantomData<&'a ()>,
}

impl Timer<'_> {
    /// Starts one; when it ends, [`Actor::complete`](crate::Actor::complete) is called with this
    /// operation and no bytes. At most 1,024 run at a time.
    pub fn start(&self, delay: Duration) -> Result<Operation> {
        match abi::timer_start(millis(delay)) {
            0 => Err(Error::TooMany),
            id => Ok(Operation::new(id)),
        }
    }

    /// Stops one, and says whether it was still running.
    pub fn cancel(&self, operation: Operation) -> bool {
        abi::timer_cancel(operation.id)
    }
}

/// A cryptographically strong source of randomness; see [`Ctx::random`].
#[derive(Debug, Clone, Copy)]
pub struct Random<'a> {
    ctx: PhantomData<&'a ()>,
}

impl Random<'_> {
    /// So many random bytes.
    ///
    /// # Panics
    /// For more than 65,536.
    pub fn bytes(&self, length: u32) -> Vec<u8> {
        assert!(
            length <= 65_536,
            "random.bytes gives at most 65,536 bytes, not {length}"
        );
        abi::random_bytes(length)
    }

    /// 64 random bits.
    pub fn u64(&self) -> u64 {
        abi::random_u64()
    }
}

/// The configured values of the namespace; see [`Ctx::env`].
#[derive(Debug, Clone, Copy)]
pub struct Env<'a> {
    ctx: PhantomData<&'a ()>,
}

impl Env<'_> {
    /// One value.
    pub fn get(&self, name: &str) -> Option<String> {
        abi::env_get(name)
    }

    /// All names and values.
    pub fn all(&self) -> Vec<(String, String)> {
        abi::env_all()
    }
}
