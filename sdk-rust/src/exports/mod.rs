//! How the server reaches the actor: what [`export_actor!`](crate::export_actor!) expands to, and
//! what that calls. Not for anyone else.

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code)]
mod wasm;
#[cfg(target_arch = "wasm32")]
pub use wasm::*;

use crate::Actor;

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
            $crate::exports::check(HANDLERS);
            $crate::exports::implements_actor::<$actor>();

            #[cfg(target_arch = "wasm32")]
            $crate::exports::slot!($actor);
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
            $crate::exports::start(&SLOT)
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
                $crate::exports::connect(&SLOT, connection, url, url_length, headers, header_count)
            }
        }
    };
    (message) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn message(connection: u64, kind: u32, start: *mut u8, length: usize) {
            // SAFETY: the host passes what the contract says.
            unsafe { $crate::exports::message(&SLOT, connection, kind, start, length) }
        }
    };
    (close) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn close(connection: u64, code: u32, reason: *mut u8, length: usize) {
            // SAFETY: the host passes what the contract says.
            unsafe { $crate::exports::close(&SLOT, connection, code, reason, length) }
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
                $crate::exports::fetch(
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
            unsafe { $crate::exports::call(&SLOT, request, payload, length) }
        }
    };
    (alarm) => {
        #[unsafe(no_mangle)]
        extern "C" fn alarm(attempt: u32, due_millis: u64) {
            $crate::exports::alarm(&SLOT, attempt, due_millis)
        }
    };
    (complete) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn complete(operation: u64, kind: u32, start: *mut u8, length: usize) {
            // SAFETY: the host passes what the contract says.
            unsafe { $crate::exports::complete(&SLOT, operation, kind, start, length) }
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
