//! What others ask of the actor, and it of them: `http`, `rpc`, `actors`, `web` and `timer`.

use super::memory::{
    RawList, RawOptionList, RawPair, ask_list, ask_option, ask_string, lend_all, lend_option,
    lend_pairs,
};

mod http {
    use super::RawPair;
    #[link(wasm_import_module = "dormouse:host/http@0.1.0")]
    unsafe extern "C" {
        pub(super) fn respond(
            request: u64,
            http_status: u32,
            headers: *const RawPair,
            header_count: usize,
            body: *const u8,
            body_length: usize,
        ) -> u32;
    }
}

mod rpc {
    #[link(wasm_import_module = "dormouse:host/rpc@0.1.0")]
    unsafe extern "C" {
        pub(super) fn respond(
            request: u64,
            is_error: i32,
            outcome: *const u8,
            length: usize,
        ) -> u32;
    }
}

mod actors {
    use super::{RawList, RawOptionList, RawPair};
    #[link(wasm_import_module = "dormouse:host/actors@0.1.0")]
    unsafe extern "C" {
        pub(super) fn fetch(
            has_namespace: i32,
            namespace: *const u8,
            namespace_length: usize,
            actor: *const u8,
            actor_length: usize,
            method: *const u8,
            method_length: usize,
            url: *const u8,
            url_length: usize,
            headers: *const RawPair,
            header_count: usize,
            body: *const u8,
            body_length: usize,
        ) -> u64;
        pub(super) fn call(
            has_namespace: i32,
            namespace: *const u8,
            namespace_length: usize,
            actor: *const u8,
            actor_length: usize,
            payload: *const u8,
            payload_length: usize,
        ) -> u64;
        pub(super) fn connect(
            has_namespace: i32,
            namespace: *const u8,
            namespace_length: usize,
            actor: *const u8,
            actor_length: usize,
            url: *const u8,
            url_length: usize,
            headers: *const RawPair,
            header_count: usize,
        ) -> u64;
        pub(super) safe fn cancel(operation: u64) -> u32;
        pub(super) fn address(result: *mut RawList);
        #[link_name = "id-of"]
        pub(super) fn id_of(actor: *const u8, actor_length: usize, result: *mut RawList);
        #[link_name = "name-of"]
        pub(super) fn name_of(id: *const u8, id_length: usize, result: *mut RawOptionList);
    }
}

mod web {
    use super::{RawList, RawPair};
    #[link(wasm_import_module = "dormouse:host/web@0.1.0")]
    unsafe extern "C" {
        pub(super) fn fetch(
            method: *const u8,
            method_length: usize,
            url: *const u8,
            url_length: usize,
            headers: *const RawPair,
            header_count: usize,
            body: *const u8,
            body_length: usize,
            redirect: u32,
        ) -> u64;
        pub(super) fn connect(
            url: *const u8,
            url_length: usize,
            protocols: *const RawList,
            protocol_count: usize,
            headers: *const RawPair,
            header_count: usize,
        ) -> u64;
    }
}

mod timer {
    #[link(wasm_import_module = "dormouse:host/timer@0.1.0")]
    unsafe extern "C" {
        pub(super) safe fn start(delay_millis: u64) -> u64;
        pub(super) safe fn cancel(operation: u64) -> u32;
    }
}

pub(crate) fn http_respond(
    request: u64,
    http_status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> u32 {
    let headers = lend_pairs(headers);
    // SAFETY: see the module.
    unsafe {
        http::respond(
            request,
            u32::from(http_status),
            headers.as_ptr(),
            headers.len(),
            body.as_ptr(),
            body.len(),
        )
    }
}

pub(crate) fn rpc_respond(request: u64, outcome: &Result<Vec<u8>, String>) -> u32 {
    let (is_error, bytes) = match outcome {
        Ok(bytes) => (0, bytes.as_slice()),
        Err(text) => (1, text.as_bytes()),
    };
    // SAFETY: see the module.
    unsafe { rpc::respond(request, is_error, bytes.as_ptr(), bytes.len()) }
}

pub(crate) fn actors_fetch(
    namespace: Option<&str>,
    actor: &str,
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> u64 {
    let (has_namespace, namespace, namespace_length) = lend_option(namespace);
    let headers = lend_pairs(headers);
    // SAFETY: see the module.
    unsafe {
        actors::fetch(
            has_namespace,
            namespace,
            namespace_length,
            actor.as_ptr(),
            actor.len(),
            method.as_ptr(),
            method.len(),
            url.as_ptr(),
            url.len(),
            headers.as_ptr(),
            headers.len(),
            body.as_ptr(),
            body.len(),
        )
    }
}

pub(crate) fn actors_call(namespace: Option<&str>, actor: &str, payload: &[u8]) -> u64 {
    let (has_namespace, namespace, namespace_length) = lend_option(namespace);
    // SAFETY: see the module.
    unsafe {
        actors::call(
            has_namespace,
            namespace,
            namespace_length,
            actor.as_ptr(),
            actor.len(),
            payload.as_ptr(),
            payload.len(),
        )
    }
}

pub(crate) fn actors_connect(
    namespace: Option<&str>,
    actor: &str,
    url: &str,
    headers: &[(String, String)],
) -> u64 {
    let (has_namespace, namespace, namespace_length) = lend_option(namespace);
    let headers = lend_pairs(headers);
    // SAFETY: see the module.
    unsafe {
        actors::connect(
            has_namespace,
            namespace,
            namespace_length,
            actor.as_ptr(),
            actor.len(),
            url.as_ptr(),
            url.len(),
            headers.as_ptr(),
            headers.len(),
        )
    }
}

pub(crate) fn actors_cancel(operation: u64) -> bool {
    actors::cancel(operation) != 0
}

pub(crate) fn actors_address() -> String {
    ask_string(actors::address)
}

pub(crate) fn actors_id_of(actor: &str) -> String {
    // SAFETY: see the module.
    unsafe { ask_list(|result| actors::id_of(actor.as_ptr(), actor.len(), result)).into_string() }
}

pub(crate) fn actors_name_of(id: &str) -> Option<String> {
    // SAFETY: see the module.
    ask_option(|result| unsafe { actors::name_of(id.as_ptr(), id.len(), result) })
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

pub(crate) fn web_fetch(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
    redirect: u32,
) -> u64 {
    let headers = lend_pairs(headers);
    // SAFETY: see the module.
    unsafe {
        web::fetch(
            method.as_ptr(),
            method.len(),
            url.as_ptr(),
            url.len(),
            headers.as_ptr(),
            headers.len(),
            body.as_ptr(),
            body.len(),
            redirect,
        )
    }
}

pub(crate) fn web_connect(url: &str, protocols: &[&str], headers: &[(String, String)]) -> u64 {
    let protocols = lend_all(protocols);
    let headers = lend_pairs(headers);
    // SAFETY: see the module.
    unsafe {
        web::connect(
            url.as_ptr(),
            url.len(),
            protocols.as_ptr(),
            protocols.len(),
            headers.as_ptr(),
            headers.len(),
        )
    }
}

pub(crate) fn timer_start(delay_millis: u64) -> u64 {
    timer::start(delay_millis)
}

pub(crate) fn timer_cancel(operation: u64) -> bool {
    timer::cancel(operation) != 0
}
