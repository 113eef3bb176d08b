//! Interface `connection`.

use super::memory::{
    RawList, RawOptionList, RawOptionPair, RawOptionU64, RawPair, ask_list, ask_option,
    ask_option_pair, ask_u64, lend_all, lend_option, lend_pairs,
};

mod host {
    use super::{RawList, RawOptionList, RawOptionPair, RawOptionU64, RawPair};
    #[link(wasm_import_module = "dormouse:host/connection@0.1.0")]
    unsafe extern "C" {
        #[link_name = "send-text"]
        pub(super) fn send_text(connection: u64, text: *const u8, length: usize) -> u32;
        #[link_name = "send-bytes"]
        pub(super) fn send_bytes(connection: u64, bytes: *const u8, length: usize) -> u32;
        #[link_name = "broadcast-text"]
        pub(super) fn broadcast_text(
            has_tag: i32,
            tag: *const u8,
            tag_length: usize,
            text: *const u8,
            length: usize,
        ) -> u32;
        #[link_name = "broadcast-bytes"]
        pub(super) fn broadcast_bytes(
            has_tag: i32,
            tag: *const u8,
            tag_length: usize,
            bytes: *const u8,
            length: usize,
        ) -> u32;
        pub(super) fn close(connection: u64, code: u32, reason: *const u8, length: usize) -> u32;
        pub(super) fn reject(
            connection: u64,
            http_status: u32,
            message: *const u8,
            length: usize,
        ) -> u32;
        pub(super) fn refuse(
            connection: u64,
            http_status: u32,
            headers: *const RawPair,
            header_count: usize,
            body: *const u8,
            body_length: usize,
        ) -> u32;
        pub(super) safe fn defer(connection: u64) -> u32;
        pub(super) fn accept(
            connection: u64,
            has_protocol: i32,
            protocol: *const u8,
            length: usize,
        ) -> u32;
        pub(super) safe fn splice(a: u64, b: u64) -> u32;
        #[link_name = "get-attachment"]
        pub(super) fn get_attachment(connection: u64, result: *mut RawOptionList);
        #[link_name = "set-attachment"]
        pub(super) fn set_attachment(connection: u64, value: *const u8, length: usize) -> u32;
        pub(super) fn tags(connection: u64, result: *mut RawList);
        #[link_name = "set-tags"]
        pub(super) fn set_tags(connection: u64, tags: *const RawList, count: usize) -> u32;
        #[link_name = "set-auto-response"]
        pub(super) fn set_auto_response(
            connection: u64,
            has_pair: i32,
            request: *const u8,
            request_length: usize,
            response: *const u8,
            response_length: usize,
        ) -> u32;
        #[link_name = "get-auto-response"]
        pub(super) fn get_auto_response(connection: u64, result: *mut RawOptionPair);
        #[link_name = "auto-response-at"]
        pub(super) fn auto_response_at(connection: u64, result: *mut RawOptionU64);
        pub(super) fn list(has_tag: i32, tag: *const u8, tag_length: usize, result: *mut RawList);
    }
}

pub(crate) fn connection_send_text(connection: u64, text: &str) -> u32 {
    // SAFETY: see the module.
    unsafe { host::send_text(connection, text.as_ptr(), text.len()) }
}

pub(crate) fn connection_send_bytes(connection: u64, bytes: &[u8]) -> u32 {
    // SAFETY: see the module.
    unsafe { host::send_bytes(connection, bytes.as_ptr(), bytes.len()) }
}

pub(crate) fn connection_broadcast_text(tag: Option<&str>, text: &str) -> u32 {
    let (has_tag, tag, tag_length) = lend_option(tag);
    // SAFETY: see the module.
    unsafe { host::broadcast_text(has_tag, tag, tag_length, text.as_ptr(), text.len()) }
}

pub(crate) fn connection_broadcast_bytes(tag: Option<&str>, bytes: &[u8]) -> u32 {
    let (has_tag, tag, tag_length) = lend_option(tag);
    // SAFETY: see the module.
    unsafe { host::broadcast_bytes(has_tag, tag, tag_length, bytes.as_ptr(), bytes.len()) }
}

pub(crate) fn connection_close(connection: u64, code: u16, reason: &str) -> u32 {
    // SAFETY: see the module.
    unsafe { host::close(connection, u32::from(code), reason.as_ptr(), reason.len()) }
}

pub(crate) fn connection_reject(connection: u64, http_status: u16, message: &str) -> u32 {
    // SAFETY: see the module.
    unsafe {
        host::reject(
            connection,
            u32::from(http_status),
            message.as_ptr(),
            message.len(),
        )
    }
}

pub(crate) fn connection_refuse(
    connection: u64,
    http_status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> u32 {
    let headers = lend_pairs(headers);
    // SAFETY: see the module.
    unsafe {
        host::refuse(
            connection,
            u32::from(http_status),
            headers.as_ptr(),
            headers.len(),
            body.as_ptr(),
            body.len(),
        )
    }
}

pub(crate) fn connection_set_auto_response(connection: u64, pair: Option<(&str, &str)>) -> u32 {
    let (request, response) = pair.unwrap_or_default();
    // SAFETY: see the module.
    unsafe {
        host::set_auto_response(
            connection,
            i32::from(pair.is_some()),
            request.as_ptr(),
            request.len(),
            response.as_ptr(),
            response.len(),
        )
    }
}

pub(crate) fn connection_auto_response(connection: u64) -> Option<(String, String)> {
    // SAFETY: see the module.
    let pair = ask_option_pair(|result| unsafe { host::get_auto_response(connection, result) })?;
    // SAFETY: see the module.
    unsafe { Some((pair.first.into_string(), pair.second.into_string())) }
}

pub(crate) fn connection_auto_response_at(connection: u64) -> Option<u64> {
    // SAFETY: see the module.
    ask_u64(|result| unsafe { host::auto_response_at(connection, result) })
}

pub(crate) fn connection_defer(connection: u64) -> u32 {
    host::defer(connection)
}

pub(crate) fn connection_accept(connection: u64, protocol: Option<&str>) -> u32 {
    let (has_protocol, protocol, length) = lend_option(protocol);
    // SAFETY: see the module.
    unsafe { host::accept(connection, has_protocol, protocol, length) }
}

pub(crate) fn connection_splice(a: u64, b: u64) -> u32 {
    host::splice(a, b)
}

pub(crate) fn connection_get_attachment(connection: u64) -> Option<Vec<u8>> {
    // SAFETY: see the module.
    ask_option(|result| unsafe { host::get_attachment(connection, result) })
}

pub(crate) fn connection_set_attachment(connection: u64, value: &[u8]) -> u32 {
    // SAFETY: see the module.
    unsafe { host::set_attachment(connection, value.as_ptr(), value.len()) }
}

pub(crate) fn connection_tags(connection: u64) -> Vec<String> {
    // SAFETY: see the module.
    unsafe {
        ask_list(|result| host::tags(connection, result))
            .into_vec::<RawList>()
            .into_iter()
            .map(|tag| tag.into_string())
            .collect()
    }
}

pub(crate) fn connection_set_tags<S: AsRef<str>>(connection: u64, tags: &[S]) -> u32 {
    let tags = lend_all(tags);
    // SAFETY: see the module.
    unsafe { host::set_tags(connection, tags.as_ptr(), tags.len()) }
}

pub(crate) fn connection_list(tag: Option<&str>) -> Vec<u64> {
    let (has_tag, tag, tag_length) = lend_option(tag);
    // SAFETY: see the module.
    unsafe { ask_list(|result| host::list(has_tag, tag, tag_length, result)).into_vec::<u64>() }
}
