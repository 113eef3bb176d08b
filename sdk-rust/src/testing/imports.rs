//! The imports of the contract on the world of the turn that is running.

use std::cell::RefCell;
use std::ops::Bound;

use super::world::{Alarm, Client, Effect, World};
use crate::abi::{Entries, ListRequest};
use crate::{Level, Message, Response};

pub(crate) use super::crypto::*;
pub(crate) use super::outside::imports::*;

pub(super) const OK: u32 = 0;
const KEY_TOO_LARGE: u32 = 1;
const VALUE_TOO_LARGE: u32 = 2;
pub(super) const NOT_FOUND: u32 = 4;
const TOO_MANY: u32 = 5;
pub(super) const INVALID: u32 = 6;

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Runs a turn in a world, and gives the world back.
pub(super) fn with<T>(world: World, turn: impl FnOnce() -> T) -> (World, T) {
    let outer = WORLD.replace(Some(world));
    let value = turn();
    let world = WORLD.replace(outer).unwrap_or_default();
    (world, value)
}

pub(super) fn world<T>(action: impl FnOnce(&mut World) -> T) -> T {
    WORLD.with_borrow_mut(|world| match world {
        Some(world) => action(world),
        None => panic!("outside of WebAssembly an actor runs in dormouse::testing::TestHost only"),
    })
}

fn client(connection: u64, action: impl FnOnce(&mut Client) -> u32) -> u32 {
    world(|world| {
        world
            .state
            .connections
            .get_mut(&connection)
            .filter(|client| !client.outgoing)
            .map_or(NOT_FOUND, action)
    })
}

pub(crate) fn identity_name() -> String {
    world(|world| world.name.clone())
}

pub(crate) fn identity_id() -> String {
    actors_id_of(&identity_name())
}

pub(crate) fn actors_address() -> String {
    identity_name()
}

pub(crate) fn actors_id_of(name: &str) -> String {
    // Not the server's hash: only its form and that it depends on the name.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{hash:064x}")
}

pub(crate) fn identity_namespace() -> String {
    "test".to_owned()
}

pub(crate) fn identity_waking_reason() -> u32 {
    world(|world| world.waking_reason)
}

pub(crate) fn storage_get(key: &str) -> Option<Vec<u8>> {
    world(|world| world.state.entries.get(key).cloned())
}

pub(crate) fn storage_get_many<S: AsRef<str>>(keys: &[S]) -> Entries {
    let mut keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .filter_map(|key| storage_get(key).map(|value| (key.to_owned(), value)))
        .collect()
}

fn refusal(key: &str, value: &[u8]) -> u32 {
    match (key.len(), value.len()) {
        (0 | 2049.., _) => KEY_TOO_LARGE,
        (_, 2_097_153..) => VALUE_TOO_LARGE,
        _ => OK,
    }
}

pub(crate) fn storage_put(key: &str, value: &[u8]) -> u32 {
    let status = refusal(key, value);
    if status == OK {
        world(|world| world.state.entries.insert(key.to_owned(), value.to_vec()));
    }
    status
}

pub(crate) fn storage_put_many<S: AsRef<str>>(entries: &[(S, Vec<u8>)]) -> u32 {
    for (key, value) in entries {
        let status = refusal(key.as_ref(), value);
        if status != OK {
            return status;
        }
    }
    for (key, value) in entries {
        storage_put(key.as_ref(), value);
    }
    OK
}

pub(crate) fn storage_delete(key: &str) -> bool {
    world(|world| world.state.entries.remove(key).is_some())
}

pub(crate) fn storage_delete_many<S: AsRef<str>>(keys: &[S]) -> u32 {
    keys.iter()
        .map(|key| u32::from(storage_delete(key.as_ref())))
        .sum()
}

pub(crate) fn storage_list(request: ListRequest<'_>) -> Entries {
    let from = match (request.start_after, request.start) {
        (Some(after), _) => Bound::Excluded(after),
        (None, Some(start)) => Bound::Included(start),
        (None, None) => Bound::Unbounded,
    };
    let limit = request.limit.map_or(usize::MAX, |limit| limit as usize);
    world(|world| {
        let within = world
            .state
            .entries
            .range::<str, _>((from, Bound::Unbounded))
            .filter(|(key, _)| request.end.is_none_or(|end| key.as_str() < end))
            .filter(|(key, _)| request.prefix.is_none_or(|prefix| key.starts_with(prefix)))
            .map(|(key, value)| (key.clone(), value.clone()));
        if request.reverse {
            within.rev().take(limit).collect()
        } else {
            within.take(limit).collect()
        }
    })
}

pub(crate) fn storage_delete_all() {
    world(|world| world.state.entries.clear());
}

pub(crate) fn alarm_get() -> Option<u64> {
    world(|world| world.state.alarm.as_ref().map(|alarm| alarm.due))
}

pub(crate) fn alarm_set(due_millis: u64) {
    world(|world| {
        world.state.alarm = Some(Alarm {
            due: due_millis,
            fires: due_millis,
            attempt: 0,
        });
    });
}

pub(crate) fn alarm_retry(at_millis: u64, due_millis: u64, attempt: u32) {
    world(|world| {
        world.state.alarm = Some(Alarm {
            due: due_millis,
            fires: at_millis,
            attempt,
        });
    });
}

pub(crate) fn alarm_delete() {
    world(|world| world.state.alarm = None);
}

fn send(connection: u64, message: Message) -> u32 {
    world(|world| {
        if !world
            .state
            .connections
            .get(&connection)
            .is_some_and(|client| client.open)
        {
            return NOT_FOUND;
        }
        world.outbox.push(Effect::Send(connection, message));
        OK
    })
}

fn broadcast(tag: Option<&str>, message: &Message) -> u32 {
    let connections = connection_list(tag);
    for &connection in &connections {
        send(connection, message.clone());
    }
    connections.len() as u32
}

pub(crate) fn connection_send_text(connection: u64, text: &str) -> u32 {
    send(connection, Message::from(text))
}

pub(crate) fn connection_send_bytes(connection: u64, bytes: &[u8]) -> u32 {
    send(connection, Message::Bytes(bytes.to_vec()))
}

pub(crate) fn connection_broadcast_text(tag: Option<&str>, text: &str) -> u32 {
    broadcast(tag, &Message::from(text))
}

pub(crate) fn connection_broadcast_bytes(tag: Option<&str>, bytes: &[u8]) -> u32 {
    broadcast(tag, &Message::Bytes(bytes.to_vec()))
}

pub(crate) fn connection_close(connection: u64, code: u16, reason: &str) -> u32 {
    let known = (1000..=1014).contains(&code) && code != 1004 && code != 1006;
    if !(known || (3000..=4999).contains(&code)) || reason.len() > 123 {
        return INVALID;
    }
    world(|world| {
        if !world.shut(connection) {
            return NOT_FOUND;
        }
        world
            .outbox
            .push(Effect::Close(connection, code, reason.to_owned()));
        OK
    })
}

pub(crate) fn connection_get_attachment(connection: u64) -> Option<Vec<u8>> {
    world(|world| world.state.connections.get(&connection)?.attachment.clone())
}

pub(crate) fn connection_set_attachment(connection: u64, value: &[u8]) -> u32 {
    if value.len() > 16 * 1024 {
        return VALUE_TOO_LARGE;
    }
    client(connection, |client| {
        client.attachment = Some(value.to_vec());
        OK
    })
}

pub(crate) fn connection_tags(connection: u64) -> Vec<String> {
    world(|world| {
        world
            .state
            .connections
            .get(&connection)
            .map(|c| c.tags.clone())
            .unwrap_or_default()
    })
}

pub(crate) fn connection_set_tags<S: AsRef<str>>(connection: u64, tags: &[S]) -> u32 {
    if tags.len() > 10 {
        return TOO_MANY;
    }
    if tags.iter().any(|tag| tag.as_ref().len() > 256) {
        return VALUE_TOO_LARGE;
    }
    client(connection, |client| {
        client.tags = tags.iter().map(|tag| tag.as_ref().to_owned()).collect();
        OK
    })
}

pub(crate) fn connection_set_auto_response(connection: u64, pair: Option<(&str, &str)>) -> u32 {
    if pair.is_some_and(|(request, response)| request.len().max(response.len()) > 2048) {
        return VALUE_TOO_LARGE;
    }
    client(connection, |client| {
        client.auto_response =
            pair.map(|(request, response)| (request.to_owned(), response.to_owned()));
        OK
    })
}

pub(crate) fn connection_auto_response(connection: u64) -> Option<(String, String)> {
    world(|world| {
        world
            .state
            .connections
            .get(&connection)?
            .auto_response
            .clone()
    })
}

pub(crate) fn connection_auto_response_at(connection: u64) -> Option<u64> {
    world(|world| world.state.connections.get(&connection)?.auto_response_at)
}

pub(crate) fn connection_list(tag: Option<&str>) -> Vec<u64> {
    world(|world| {
        let tagged = |client: &Client| tag.is_none_or(|tag| client.tags.iter().any(|t| t == tag));
        let connections = &world.state.connections;
        connections
            .iter()
            .filter(|(_, client)| {
                client.open && !client.waits && !client.outgoing && tagged(client)
            })
            .map(|(&id, _)| id)
            .collect()
    })
}

pub(crate) fn http_respond(
    request: u64,
    http_status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> u32 {
    if !(200..=599).contains(&http_status) {
        return INVALID;
    }
    world(|world| {
        if !world.waiting.remove(&request) {
            return NOT_FOUND;
        }
        let response = Response::received(http_status, headers.to_vec(), body.to_vec(), None);
        world.outbox.push(Effect::Answer(request, response));
        OK
    })
}

pub(crate) fn timer_start(delay_millis: u64) -> u64 {
    world(|world| world.start_timer(delay_millis))
}

pub(crate) fn timer_cancel(operation: u64) -> bool {
    world(|world| world.timers.remove(&operation).is_some())
}

pub(crate) fn clock_now() -> u64 {
    world(|world| world.now)
}

/// The same numbers in every run (the generator is SplitMix64).
pub(crate) fn random_u64() -> u64 {
    world(|world| {
        world.random = world.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = world.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

pub(crate) fn random_bytes(length: u32) -> Vec<u8> {
    (0..length).map(|_| random_u64() as u8).collect()
}

/// Outside of a turn, as in a unit test of a function that logs, the line goes to standard error.
pub(crate) fn log_write(level: u32, message: &str) {
    let level = match level {
        0 => Level::Debug,
        1 => Level::Info,
        2 => Level::Warn,
        _ => Level::Error,
    };
    let inside = WORLD.with_borrow_mut(|world| match world {
        Some(world) => {
            world.log.push((level, message.to_owned()));
            true
        }
        None => false,
    });
    if !inside {
        eprintln!("{level:?}: {message}");
    }
}

pub(crate) fn env_get(name: &str) -> Option<String> {
    world(|world| {
        world
            .env
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    })
}

pub(crate) fn env_all() -> Vec<(String, String)> {
    world(|world| world.env.clone())
}
