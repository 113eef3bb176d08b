//! The exports of the module, called by the functions that the macro writes.

use std::cell::RefCell;
use std::thread::LocalKey;

use crate::abi::{self, lift};
use crate::{
    Actor, Admission, AlarmEvent, Call, CallId, CloseEvent, ConnectRequest, Connection, Ctx,
    Message, Operation, Request, RequestId, Result,
};

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
        Admission::Refuse(answer) => {
            abi::connection_refuse(connection, answer.status(), answer.headers(), answer.body())
        }
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
