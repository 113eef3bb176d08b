//! The actor and how the server reaches it.

use crate::{Answer, Call, Connection, Ctx, Operation, Outcome, Request, Response, Result};

/// A durable actor. Implement the handlers that the actor needs, and name them in
/// [`export_actor!`](crate::export_actor!).
///
/// Every handler runs alone: no other event of the same actor begins before it returns. When it
/// returns `Err` or panics, its turn is thrown away, this value is dropped, and the next event
/// starts a new one from storage.
pub trait Actor: Sized + 'static {
    /// Makes the actor, once in an instance's life, in the turn of its first event and before it.
    /// Read from [`Ctx::storage`] what the actor wants to have at hand.
    fn start(ctx: &Ctx) -> Result<Self>;

    /// A client opens a WebSocket. What is sent to the connection here reaches the client
    /// first. Accepts everyone by default.
    fn connect(
        &mut self,
        ctx: &Ctx,
        connection: Connection,
        request: ConnectRequest,
    ) -> Result<Admission> {
        let _ = (ctx, connection, request);
        Ok(Admission::Accept)
    }

    /// A client sent a message.
    fn message(&mut self, ctx: &Ctx, connection: Connection, message: Message) -> Result {
        let _ = (ctx, connection, message);
        Ok(())
    }

    /// A connection is gone, by whichever side. It is no longer among [`Ctx::connections`]; its
    /// attachment and tags can be read for the last time.
    fn close(&mut self, ctx: &Ctx, connection: Connection, event: CloseEvent) -> Result {
        let _ = (ctx, connection, event);
        Ok(())
    }

    /// An HTTP request. Return the response, or [`Response::later`] to give it in a later turn with
    /// [`RequestId::respond`](crate::RequestId::respond).
    fn fetch(&mut self, ctx: &Ctx, request: Request) -> Result<Response> {
        let _ = (ctx, request);
        Ok(Response::not_found())
    }

    /// Another actor calls. Return the answer, or [`Answer::later`] to give it in a later turn with
    /// [`CallId::respond`](crate::CallId::respond). An [`Answer::error`] is an answer, too; an `Err`
    /// throws the turn away, and the caller gets `actor_trapped`.
    fn call(&mut self, ctx: &Ctx, call: Call) -> Result<Answer> {
        let _ = (ctx, call);
        Ok(Answer::error("no_handler: this actor answers no calls"))
    }

    /// The alarm is due. It is cleared when this returns `Ok`, unless it was set again; when the
    /// turn fails, it is tried again later.
    fn alarm(&mut self, ctx: &Ctx, event: AlarmEvent) -> Result {
        let _ = (ctx, event);
        Ok(())
    }

    /// An asynchronous operation has ended: a timer, or what was asked of another actor or of the
    /// world outside. [`Outcome`] says how to read what it brought.
    fn complete(&mut self, ctx: &Ctx, operation: Operation, outcome: Outcome) -> Result {
        let _ = (ctx, operation, outcome);
        Ok(())
    }
}

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
    /// [`Connection::accept`] chooses another.
    Accept,
    /// The client waits until [`Connection::accept`], [`Connection::reject`] or
    /// [`Connection::splice`] decides in a later turn. Nobody decides within the time to answer a
    /// request: the client gets the error `timeout`, and the connection is gone without a `close`.
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

/// Exports an actor to the server, with the handlers that it has.
///
/// A module exports one actor. Name every handler that the actor implements: the server answers
/// `no_handler` for an HTTP request, a call or a connection where `fetch`, `call` or `connect` is
/// not named, and lets go of messages, closes and completions that nobody is named for. `start` is
/// always there.
/// To have WebSockets, name `connect`, even where its default of accepting everyone is right.
///
/// ```
/// use dormouse::*;
///
/// struct Echo;
///
/// impl Actor for Echo {
///     fn start(_: &Ctx) -> Result<Self> {
///         Ok(Echo)
///     }
///
///     fn message(&mut self, _: &Ctx, connection: Connection, message: Message) -> Result {
///         connection.send(&message)?;
///         Ok(())
///     }
/// }
///
/// export_actor!(Echo: connect, message);
/// ```
///
/// A list that cannot work does not compile:
///
/// ```compile_fail
/// # use dormouse::*;
/// # struct Echo;
/// # impl Actor for Echo { fn start(_: &Ctx) -> Result<Self> { Ok(Echo) } }
/// export_actor!(Echo: message); // nobody could ever connect
/// ```
#[macro_export]
macro_rules! export_actor {
    ($actor:ty : $($handler:ident),+ $(,)?) => {
        #[allow(unsafe_code)]
        const _: () = {
            const HANDLERS: &[&str] = &[$(stringify!($handler)),+];
            $crate::__exports::check(HANDLERS);
            $crate::__exports::implements_actor::<$actor>();

            #[cfg(target_arch = "wasm32")]
            $crate::__exports::slot!($actor);
            #[cfg(target_arch = "wasm32")]
            $crate::__export!(start);
            $(
                #[cfg(target_arch = "wasm32")]
                $crate::__export!($handler);
            )+
        };
    };
    ($($other:tt)*) => {
        ::std::compile_error!(
            "name the handlers that the actor implements, as in export_actor!(Chat: connect, message)"
        );
    };
}

/// One export. The names are the contract's.
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    (start) => {
        #[unsafe(no_mangle)]
        extern "C" fn start() {
            $crate::__exports::start(&SLOT)
        }
    };
    (connect) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn connect(
            connection: u64,
            url: *mut u8,
            url_length: usize,
            headers: *mut u8,
            header_count: usize,
        ) {
            // SAFETY: the host passes what the contract says.
            unsafe {
                $crate::__exports::connect(
                    &SLOT,
                    connection,
                    url,
                    url_length,
                    headers,
                    header_count,
                )
            }
        }
    };
    (message) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn message(connection: u64, kind: u32, start: *mut u8, length: usize) {
            // SAFETY: the host passes what the contract says.
            unsafe { $crate::__exports::message(&SLOT, connection, kind, start, length) }
        }
    };
    (close) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn close(connection: u64, code: u32, reason: *mut u8, length: usize) {
            // SAFETY: the host passes what the contract says.
            unsafe { $crate::__exports::close(&SLOT, connection, code, reason, length) }
        }
    };
    (fetch) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn fetch(
            request: u64,
            method: *mut u8,
            method_length: usize,
            url: *mut u8,
            url_length: usize,
            headers: *mut u8,
            header_count: usize,
            body: *mut u8,
            body_length: usize,
        ) {
            // SAFETY: the host passes what the contract says.
            unsafe {
                $crate::__exports::fetch(
                    &SLOT,
                    request,
                    method,
                    method_length,
                    url,
                    url_length,
                    headers,
                    header_count,
                    body,
                    body_length,
                )
            }
        }
    };
    (call) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn call(request: u64, payload: *mut u8, length: usize) {
            // SAFETY: the host passes what the contract says.
            unsafe { $crate::__exports::call(&SLOT, request, payload, length) }
        }
    };
    (alarm) => {
        #[unsafe(no_mangle)]
        extern "C" fn alarm(attempt: u32, due_millis: u64) {
            $crate::__exports::alarm(&SLOT, attempt, due_millis)
        }
    };
    (complete) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn complete(operation: u64, kind: u32, start: *mut u8, length: usize) {
            // SAFETY: the host passes what the contract says.
            unsafe { $crate::__exports::complete(&SLOT, operation, kind, start, length) }
        }
    };
    ($other:ident) => {
        ::std::compile_error!(concat!(
            "there is no handler `",
            stringify!($other),
            "`; there are connect, message, close, fetch, call, alarm and complete"
        ));
    };
}

/// What [`export_actor!`](crate::export_actor!) expands to calls of. Not for anyone else.
#[doc(hidden)]
pub mod exports {
    use super::Actor;

    const KNOWN: &[&str] = &[
        "connect", "message", "close", "fetch", "call", "alarm", "complete",
    ];

    pub const fn implements_actor<A: Actor>() {}

    /// Refuses, at compile time, a list of handlers that cannot work.
    pub const fn check(handlers: &[&str]) {
        let mut i = 0;
        while i < handlers.len() {
            assert!(
                has(KNOWN, handlers[i]),
                "export_actor! knows connect, message, close, fetch, call, alarm and complete"
            );
            i += 1;
        }
        assert!(
            has(handlers, "connect") || !(has(handlers, "message") || has(handlers, "close")),
            "an actor with message or close needs connect in export_actor!, or nobody can connect"
        );
        assert!(
            has(handlers, "connect")
                || has(handlers, "fetch")
                || has(handlers, "call")
                || has(handlers, "alarm"),
            "export_actor! needs one of connect, fetch, call and alarm, or no event ever reaches the actor"
        );
    }

    const fn has(names: &[&str], name: &str) -> bool {
        let mut i = 0;
        while i < names.len() {
            if same(names[i].as_bytes(), name.as_bytes()) {
                return true;
            }
            i += 1;
        }
        false
    }

    const fn same(a: &[u8], b: &[u8]) -> bool {
        if a.len() != b.len() {
            return false;
        }
        let mut i = 0;
        while i < a.len() {
            if a[i] != b[i] {
                return false;
            }
            i += 1;
        }
        true
    }

    #[cfg(target_arch = "wasm32")]
    pub use wasm::*;

    #[cfg(target_arch = "wasm32")]
    #[allow(unsafe_code)]
    mod wasm {
        use std::cell::RefCell;
        use std::thread::LocalKey;

        use super::super::*;
        use crate::abi::{self, lift};
        use crate::{CallId, RequestId};

        pub type Slot<A> = LocalKey<RefCell<Option<A>>>;

        #[doc(hidden)]
        #[macro_export]
        macro_rules! __slot {
            ($actor:ty) => {
                ::std::thread_local! {
                    static SLOT: ::std::cell::RefCell<::std::option::Option<$actor>> =
                        const { ::std::cell::RefCell::new(None) };
                }
            };
        }
        pub use crate::__slot as slot;

        /// Ends the turn: its writes and sends are thrown away.
        fn fail(handler: &str, error: crate::Error) -> ! {
            crate::error!("{handler} failed: {error}");
            core::arch::wasm32::unreachable()
        }

        fn run<A: Actor, T>(
            slot: &'static Slot<A>,
            handler: &str,
            turn: impl FnOnce(&mut A, &Ctx) -> Result<T>,
        ) -> T {
            slot.with(|cell| {
                let mut cell = cell.borrow_mut();
                let Some(actor) = cell.as_mut() else {
                    fail(
                        handler,
                        crate::Error::other("the server did not call start"),
                    );
                };
                match turn(actor, &Ctx::new()) {
                    Ok(value) => value,
                    Err(error) => fail(handler, error),
                }
            })
        }

        pub fn start<A: Actor>(slot: &'static Slot<A>) {
            std::panic::set_hook(Box::new(|panic| {
                abi::log_write(crate::Level::Error as u32, &panic.to_string());
            }));
            match A::start(&Ctx::new()) {
                Ok(actor) => slot.set(Some(actor)),
                Err(error) => fail("start", error),
            }
        }

        /// # Safety
        /// The arguments are those that the host passed to the export, used once.
        pub unsafe fn connect<A: Actor>(
            slot: &'static Slot<A>,
            connection: u64,
            url: *mut u8,
            url_length: usize,
            headers: *mut u8,
            header_count: usize,
        ) {
            // SAFETY: passed on to the caller.
            let (url, headers) = unsafe {
                (
                    lift::string(url, url_length),
                    lift::pairs(headers, header_count),
                )
            };
            let answer = run(slot, "connect", |actor, ctx| {
                actor.connect(
                    ctx,
                    Connection::new(connection),
                    ConnectRequest { url, headers },
                )
            });
            let status = match answer {
                Admission::Accept => return,
                Admission::Defer => abi::connection_defer(connection),
                Admission::Refuse(answer) => abi::connection_refuse(
                    connection,
                    answer.status(),
                    answer.headers(),
                    answer.body(),
                ),
                Admission::Reject { status, message } => {
                    abi::connection_reject(connection, status, &message)
                }
            };
            if let Err(error) = crate::Error::check(status) {
                fail("connect", error);
            }
        }

        /// # Safety
        /// As [`connect`].
        pub unsafe fn message<A: Actor>(
            slot: &'static Slot<A>,
            connection: u64,
            kind: u32,
            start: *mut u8,
            length: usize,
        ) {
            // SAFETY: passed on to the caller.
            let message = unsafe {
                match kind {
                    0 => Message::Text(lift::string(start, length)),
                    _ => Message::Bytes(lift::bytes(start, length)),
                }
            };
            run(slot, "message", |actor, ctx| {
                actor.message(ctx, Connection::new(connection), message)
            });
        }

        /// # Safety
        /// As [`connect`].
        pub unsafe fn close<A: Actor>(
            slot: &'static Slot<A>,
            connection: u64,
            code: u32,
            reason: *mut u8,
            length: usize,
        ) {
            // SAFETY: passed on to the caller.
            let reason = unsafe { lift::string(reason, length) };
            let event = CloseEvent {
                code: code as u16,
                reason,
            };
            run(slot, "close", |actor, ctx| {
                actor.close(ctx, Connection::new(connection), event)
            });
        }

        /// # Safety
        /// As [`connect`].
        #[allow(clippy::too_many_arguments)]
        pub unsafe fn fetch<A: Actor>(
            slot: &'static Slot<A>,
            request: u64,
            method: *mut u8,
            method_length: usize,
            url: *mut u8,
            url_length: usize,
            headers: *mut u8,
            header_count: usize,
            body: *mut u8,
            body_length: usize,
        ) {
            let id = RequestId::new(request);
            // SAFETY: passed on to the caller.
            let request = unsafe {
                Request::received(
                    id,
                    lift::string(method, method_length),
                    lift::string(url, url_length),
                    lift::pairs(headers, header_count),
                    lift::bytes(body, body_length),
                )
            };
            let response = run(slot, "fetch", |actor, ctx| actor.fetch(ctx, request));
            if response.is_later() {
                return;
            }
            if let Err(error) = id.respond(&response) {
                fail("fetch", error);
            }
        }

        /// # Safety
        /// As [`connect`].
        pub unsafe fn call<A: Actor>(
            slot: &'static Slot<A>,
            request: u64,
            payload: *mut u8,
            length: usize,
        ) {
            let id = CallId::new(request);
            // SAFETY: passed on to the caller.
            let call = Call::received(id, unsafe { lift::bytes(payload, length) });
            let answer = run(slot, "call", |actor, ctx| actor.call(ctx, call));
            if answer.is_later() {
                return;
            }
            if let Err(error) = id.respond(&answer) {
                fail("call", error);
            }
        }

        pub fn alarm<A: Actor>(slot: &'static Slot<A>, attempt: u32, due_millis: u64) {
            run(slot, "alarm", |actor, ctx| {
                actor.alarm(
                    ctx,
                    AlarmEvent {
                        attempt,
                        due_millis,
                    },
                )
            });
        }

        /// # Safety
        /// As [`connect`].
        pub unsafe fn complete<A: Actor>(
            slot: &'static Slot<A>,
            operation: u64,
            kind: u32,
            start: *mut u8,
            length: usize,
        ) {
            // SAFETY: passed on to the caller.
            let outcome = unsafe {
                match kind {
                    0 => Ok(lift::bytes(start, length)),
                    _ => Err(lift::string(start, length)),
                }
            };
            run(slot, "complete", |actor, ctx| {
                actor.complete(ctx, Operation::new(operation), outcome)
            });
        }
    }
}
