//! The contract over the canonical ABI: the only unsafe code of the SDK.
//!
//! Memory goes three ways. What the guest gives to an import stays the guest's; the host copies it
//! during the call. What an import answers beyond one number, the host writes into a return area
//! that the caller passes, and lists in it lie in blocks that the host got from `cabi_realloc`:
//! they belong to the guest, which makes `Vec`s of them without a copy. The same goes for the lists
//! that the host passes to an export.

use std::alloc::{Layout, alloc, handle_alloc_error, realloc};

use super::{Entries, ListRequest};

// ---- what the host gives to the guest -----------------------------------------------------------

/// A list or string as the ABI has it: where it starts, and how many elements it has.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawList {
    start: *mut u8,
    length: usize,
}

#[repr(C)]
struct RawOptionList {
    some: u8,
    value: RawList,
}

#[repr(C)]
struct RawOptionU64 {
    some: u8,
    value: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct RawPair {
    first: RawList,
    second: RawList,
}

#[repr(C)]
struct RawOptionPair {
    some: u8,
    value: RawPair,
}

const EMPTY: RawList = RawList {
    start: std::ptr::null_mut(),
    length: 0,
};

impl RawList {
    /// Takes a list of bytes.
    ///
    /// # Safety
    /// The list is the host's gift: allocated by `cabi_realloc` with alignment 1, taken once.
    unsafe fn into_bytes(self) -> Vec<u8> {
        if self.length == 0 {
            return Vec::new();
        }
        // SAFETY: the block has exactly `length` bytes, all written, and alignment 1.
        unsafe { Vec::from_raw_parts(self.start, self.length, self.length) }
    }

    /// # Safety
    /// As [`RawList::into_bytes`].
    unsafe fn into_string(self) -> String {
        // SAFETY: passed on to the caller.
        let bytes = unsafe { self.into_bytes() };
        String::from_utf8(bytes)
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }

    /// Takes a list of elements of any plain type.
    ///
    /// # Safety
    /// The list is the host's gift, its elements are `T`s as the ABI lays them out, taken once.
    unsafe fn into_vec<T>(self) -> Vec<T> {
        if self.length == 0 {
            return Vec::new();
        }
        // SAFETY: the block has exactly `length` elements and the alignment of T.
        unsafe { Vec::from_raw_parts(self.start.cast::<T>(), self.length, self.length) }
    }
}

/// # Safety
/// As [`RawList::into_vec`], and the lists inside are gifts too.
unsafe fn into_entries(list: RawList) -> Entries {
    // SAFETY: passed on to the caller.
    unsafe {
        list.into_vec::<RawPair>()
            .into_iter()
            .map(|pair| (pair.first.into_string(), pair.second.into_bytes()))
            .collect()
    }
}

/// # Safety
/// As [`into_entries`].
unsafe fn into_strings(list: RawList) -> Vec<(String, String)> {
    // SAFETY: passed on to the caller.
    unsafe {
        list.into_vec::<RawPair>()
            .into_iter()
            .map(|pair| (pair.first.into_string(), pair.second.into_string()))
            .collect()
    }
}

/// The allocator that the host calls. A request for no bytes answers a pointer that is aligned and
/// belongs to nothing.
#[unsafe(no_mangle)]
extern "C" fn cabi_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    if new_size == 0 {
        return std::ptr::without_provenance_mut(align);
    }
    let Ok(layout) = Layout::from_size_align(new_size, align) else {
        panic!("the host asked for {new_size} bytes aligned to {align}");
    };
    // SAFETY: the layout has a size above zero; an old block came from here with the same alignment.
    let block = unsafe {
        if old_size == 0 {
            alloc(layout)
        } else {
            realloc(
                old,
                Layout::from_size_align_unchecked(old_size, align),
                new_size,
            )
        }
    };
    if block.is_null() {
        handle_alloc_error(layout)
    }
    block
}

/// Takes the lists that the host passes to an export. They are written as pointer and length in the
/// export's parameters.
pub(crate) mod lift {
    use super::{RawList, into_strings};

    /// # Safety
    /// Pointer and length come from the host, for this parameter of this call, and are taken once.
    pub(crate) unsafe fn bytes(start: *mut u8, length: usize) -> Vec<u8> {
        // SAFETY: passed on to the caller.
        unsafe { RawList { start, length }.into_bytes() }
    }

    /// # Safety
    /// As [`bytes`].
    pub(crate) unsafe fn string(start: *mut u8, length: usize) -> String {
        // SAFETY: passed on to the caller.
        unsafe { RawList { start, length }.into_string() }
    }

    /// # Safety
    /// As [`bytes`].
    pub(crate) unsafe fn pairs(start: *mut u8, length: usize) -> Vec<(String, String)> {
        // SAFETY: passed on to the caller.
        unsafe { into_strings(RawList { start, length }) }
    }
}

// ---- what the guest gives to the host -----------------------------------------------------------

fn lend(bytes: &[u8]) -> RawList {
    RawList {
        start: bytes.as_ptr().cast_mut(),
        length: bytes.len(),
    }
}

fn lend_option(text: Option<&str>) -> (i32, *const u8, usize) {
    match text {
        Some(text) => (1, text.as_ptr(), text.len()),
        None => (0, std::ptr::null(), 0),
    }
}

fn lend_all<S: AsRef<str>>(texts: &[S]) -> Vec<RawList> {
    texts
        .iter()
        .map(|text| lend(text.as_ref().as_bytes()))
        .collect()
}

fn lend_pairs<K: AsRef<str>, V: AsRef<[u8]>>(pairs: &[(K, V)]) -> Vec<RawPair> {
    pairs
        .iter()
        .map(|(k, v)| RawPair {
            first: lend(k.as_ref().as_bytes()),
            second: lend(v.as_ref()),
        })
        .collect()
}

// ---- the imports --------------------------------------------------------------------------------

mod identity {
    use super::RawList;
    #[link(wasm_import_module = "dormouse:host/identity@0.1.0")]
    unsafe extern "C" {
        pub(super) fn name(result: *mut RawList);
        pub(super) fn id(result: *mut RawList);
        pub(super) fn namespace(result: *mut RawList);
        #[link_name = "waking-reason"]
        pub(super) fn waking_reason() -> u32;
    }
}

mod storage {
    use super::{RawList, RawOptionList, RawPair};
    #[link(wasm_import_module = "dormouse:host/storage@0.1.0")]
    unsafe extern "C" {
        pub(super) fn get(key: *const u8, key_length: usize, result: *mut RawOptionList);
        #[link_name = "get-many"]
        pub(super) fn get_many(keys: *const RawList, count: usize, result: *mut RawList);
        pub(super) fn put(
            key: *const u8,
            key_length: usize,
            value: *const u8,
            value_length: usize,
        ) -> u32;
        #[link_name = "put-many"]
        pub(super) fn put_many(entries: *const RawPair, count: usize) -> u32;
        pub(super) fn delete(key: *const u8, key_length: usize) -> u32;
        #[link_name = "delete-many"]
        pub(super) fn delete_many(keys: *const RawList, count: usize) -> u32;
        pub(super) fn list(
            has_start: i32,
            start: *const u8,
            start_length: usize,
            has_start_after: i32,
            start_after: *const u8,
            start_after_length: usize,
            has_end: i32,
            end: *const u8,
            end_length: usize,
            has_prefix: i32,
            prefix: *const u8,
            prefix_length: usize,
            reverse: i32,
            has_limit: i32,
            limit: u32,
            result: *mut RawList,
        );
        #[link_name = "delete-all"]
        pub(super) fn delete_all();
    }
}

mod alarm {
    use super::RawOptionU64;
    #[link(wasm_import_module = "dormouse:host/alarm@0.1.0")]
    unsafe extern "C" {
        pub(super) fn get(result: *mut RawOptionU64);
        pub(super) fn set(due_millis: u64);
        pub(super) fn delete();
    }
}

mod connection {
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

mod crypto {
    use super::RawOptionList;
    #[link(wasm_import_module = "dormouse:host/crypto@0.1.0")]
    unsafe extern "C" {
        pub(super) fn digest(
            hash: *const u8,
            hash_length: usize,
            data: *const u8,
            data_length: usize,
            result: *mut RawOptionList,
        );
        pub(super) fn hmac(
            hash: *const u8,
            hash_length: usize,
            key: *const u8,
            key_length: usize,
            data: *const u8,
            data_length: usize,
            result: *mut RawOptionList,
        );
        pub(super) fn pbkdf2(
            hash: *const u8,
            hash_length: usize,
            password: *const u8,
            password_length: usize,
            salt: *const u8,
            salt_length: usize,
            iterations: u32,
            length: u32,
            result: *mut RawOptionList,
        );
        pub(super) fn hkdf(
            hash: *const u8,
            hash_length: usize,
            key: *const u8,
            key_length: usize,
            salt: *const u8,
            salt_length: usize,
            info: *const u8,
            info_length: usize,
            length: u32,
            result: *mut RawOptionList,
        );
    }
}

mod app {
    use super::RawOptionList;
    #[link(wasm_import_module = "dormouse:host/app@0.1.0")]
    unsafe extern "C" {
        pub(super) fn section(name: *const u8, name_length: usize, result: *mut RawOptionList);
        pub(super) safe fn role() -> u32;
        #[link_name = "memory-limit"]
        pub(super) safe fn memory_limit() -> u64;
    }
}

mod timer {
    #[link(wasm_import_module = "dormouse:host/timer@0.1.0")]
    unsafe extern "C" {
        pub(super) safe fn start(delay_millis: u64) -> u64;
        pub(super) safe fn cancel(operation: u64) -> u32;
    }
}

mod clock {
    #[link(wasm_import_module = "dormouse:host/clock@0.1.0")]
    unsafe extern "C" {
        pub(super) safe fn now() -> u64;
    }
}

mod random {
    use super::RawList;
    #[link(wasm_import_module = "dormouse:host/random@0.1.0")]
    unsafe extern "C" {
        pub(super) fn bytes(length: u32, result: *mut RawList);
        pub(super) safe fn u64() -> u64;
    }
}

mod log {
    #[link(wasm_import_module = "dormouse:host/log@0.1.0")]
    unsafe extern "C" {
        pub(super) fn write(level: u32, message: *const u8, length: usize);
    }
}

mod env {
    use super::{RawList, RawOptionList};
    #[link(wasm_import_module = "dormouse:host/env@0.1.0")]
    unsafe extern "C" {
        pub(super) fn get(name: *const u8, name_length: usize, result: *mut RawOptionList);
        pub(super) fn all(result: *mut RawList);
    }
}

// ---- the same, safe -----------------------------------------------------------------------------
// SAFETY of every block below: pointers and lengths are those of live slices, the host only reads
// them, it writes the whole return area, and what the area holds is taken exactly once.

fn ask_string(call: unsafe extern "C" fn(*mut RawList)) -> String {
    let mut result = EMPTY;
    // SAFETY: see above.
    unsafe {
        call(&raw mut result);
        result.into_string()
    }
}

fn ask_option(call: impl FnOnce(*mut RawOptionList)) -> Option<Vec<u8>> {
    let mut result = RawOptionList {
        some: 0,
        value: EMPTY,
    };
    call(&raw mut result);
    // SAFETY: see above.
    (result.some != 0).then(|| unsafe { result.value.into_bytes() })
}

/// A `result<list<u8>, string>`, which has the layout of an option.
fn ask_result(call: impl FnOnce(*mut RawOptionList)) -> Result<Vec<u8>, String> {
    let mut result = RawOptionList {
        some: 0,
        value: EMPTY,
    };
    call(&raw mut result);
    // SAFETY: see above.
    unsafe {
        match result.some {
            0 => Ok(result.value.into_bytes()),
            _ => Err(result.value.into_string()),
        }
    }
}

fn ask_u64(call: impl FnOnce(*mut RawOptionU64)) -> Option<u64> {
    let mut result = RawOptionU64 { some: 0, value: 0 };
    call(&raw mut result);
    (result.some != 0).then_some(result.value)
}

fn ask_list(call: impl FnOnce(*mut RawList)) -> RawList {
    let mut result = EMPTY;
    call(&raw mut result);
    result
}

pub(crate) fn identity_name() -> String {
    ask_string(identity::name)
}

pub(crate) fn identity_id() -> String {
    ask_string(identity::id)
}

pub(crate) fn identity_namespace() -> String {
    ask_string(identity::namespace)
}

pub(crate) fn identity_waking_reason() -> u32 {
    // SAFETY: see above.
    unsafe { identity::waking_reason() }
}

pub(crate) fn storage_get(key: &str) -> Option<Vec<u8>> {
    // SAFETY: see above.
    ask_option(|result| unsafe { storage::get(key.as_ptr(), key.len(), result) })
}

pub(crate) fn storage_get_many<S: AsRef<str>>(keys: &[S]) -> Entries {
    let keys = lend_all(keys);
    // SAFETY: see above.
    unsafe {
        into_entries(ask_list(|result| {
            storage::get_many(keys.as_ptr(), keys.len(), result)
        }))
    }
}

pub(crate) fn storage_put(key: &str, value: &[u8]) -> u32 {
    // SAFETY: see above.
    unsafe { storage::put(key.as_ptr(), key.len(), value.as_ptr(), value.len()) }
}

pub(crate) fn storage_put_many<S: AsRef<str>>(entries: &[(S, Vec<u8>)]) -> u32 {
    let entries = lend_pairs(entries);
    // SAFETY: see above.
    unsafe { storage::put_many(entries.as_ptr(), entries.len()) }
}

pub(crate) fn storage_delete(key: &str) -> bool {
    // SAFETY: see above.
    unsafe { storage::delete(key.as_ptr(), key.len()) != 0 }
}

pub(crate) fn storage_delete_many<S: AsRef<str>>(keys: &[S]) -> u32 {
    let keys = lend_all(keys);
    // SAFETY: see above.
    unsafe { storage::delete_many(keys.as_ptr(), keys.len()) }
}

pub(crate) fn storage_list(request: ListRequest<'_>) -> Entries {
    let (has_start, start, start_length) = lend_option(request.start);
    let (has_after, after, after_length) = lend_option(request.start_after);
    let (has_end, end, end_length) = lend_option(request.end);
    let (has_prefix, prefix, prefix_length) = lend_option(request.prefix);
    // SAFETY: see above.
    unsafe {
        into_entries(ask_list(|result| {
            storage::list(
                has_start,
                start,
                start_length,
                has_after,
                after,
                after_length,
                has_end,
                end,
                end_length,
                has_prefix,
                prefix,
                prefix_length,
                i32::from(request.reverse),
                i32::from(request.limit.is_some()),
                request.limit.unwrap_or(0),
                result,
            );
        }))
    }
}

pub(crate) fn storage_delete_all() {
    // SAFETY: see above.
    unsafe { storage::delete_all() }
}

pub(crate) fn alarm_get() -> Option<u64> {
    // SAFETY: see above.
    ask_u64(|result| unsafe { alarm::get(result) })
}

pub(crate) fn alarm_set(due_millis: u64) {
    // SAFETY: see above.
    unsafe { alarm::set(due_millis) }
}

pub(crate) fn alarm_delete() {
    // SAFETY: see above.
    unsafe { alarm::delete() }
}

pub(crate) fn connection_send_text(connection: u64, text: &str) -> u32 {
    // SAFETY: see above.
    unsafe { connection::send_text(connection, text.as_ptr(), text.len()) }
}

pub(crate) fn connection_send_bytes(connection: u64, bytes: &[u8]) -> u32 {
    // SAFETY: see above.
    unsafe { connection::send_bytes(connection, bytes.as_ptr(), bytes.len()) }
}

pub(crate) fn connection_broadcast_text(tag: Option<&str>, text: &str) -> u32 {
    let (has_tag, tag, tag_length) = lend_option(tag);
    // SAFETY: see above.
    unsafe { connection::broadcast_text(has_tag, tag, tag_length, text.as_ptr(), text.len()) }
}

pub(crate) fn connection_broadcast_bytes(tag: Option<&str>, bytes: &[u8]) -> u32 {
    let (has_tag, tag, tag_length) = lend_option(tag);
    // SAFETY: see above.
    unsafe { connection::broadcast_bytes(has_tag, tag, tag_length, bytes.as_ptr(), bytes.len()) }
}

pub(crate) fn connection_close(connection: u64, code: u16, reason: &str) -> u32 {
    // SAFETY: see above.
    unsafe { connection::close(connection, u32::from(code), reason.as_ptr(), reason.len()) }
}

pub(crate) fn connection_reject(connection: u64, http_status: u16, message: &str) -> u32 {
    // SAFETY: see above.
    unsafe {
        connection::reject(
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
    // SAFETY: see above.
    unsafe {
        connection::refuse(
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
    // SAFETY: see above.
    unsafe {
        connection::set_auto_response(
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
    let mut result = RawOptionPair {
        some: 0,
        value: RawPair {
            first: EMPTY,
            second: EMPTY,
        },
    };
    // SAFETY: see above.
    unsafe {
        connection::get_auto_response(connection, &raw mut result);
        (result.some != 0).then(|| {
            let pair = result.value;
            (pair.first.into_string(), pair.second.into_string())
        })
    }
}

pub(crate) fn connection_auto_response_at(connection: u64) -> Option<u64> {
    // SAFETY: see above.
    ask_u64(|result| unsafe { connection::auto_response_at(connection, result) })
}

pub(crate) fn connection_defer(connection: u64) -> u32 {
    connection::defer(connection)
}

pub(crate) fn connection_accept(connection: u64, protocol: Option<&str>) -> u32 {
    let (has_protocol, protocol, length) = lend_option(protocol);
    // SAFETY: see above.
    unsafe { connection::accept(connection, has_protocol, protocol, length) }
}

pub(crate) fn connection_splice(a: u64, b: u64) -> u32 {
    connection::splice(a, b)
}

pub(crate) fn connection_get_attachment(connection: u64) -> Option<Vec<u8>> {
    // SAFETY: see above.
    ask_option(|result| unsafe { connection::get_attachment(connection, result) })
}

pub(crate) fn connection_set_attachment(connection: u64, value: &[u8]) -> u32 {
    // SAFETY: see above.
    unsafe { connection::set_attachment(connection, value.as_ptr(), value.len()) }
}

pub(crate) fn connection_tags(connection: u64) -> Vec<String> {
    // SAFETY: see above.
    unsafe {
        ask_list(|result| connection::tags(connection, result))
            .into_vec::<RawList>()
            .into_iter()
            .map(|tag| tag.into_string())
            .collect()
    }
}

pub(crate) fn connection_set_tags<S: AsRef<str>>(connection: u64, tags: &[S]) -> u32 {
    let tags = lend_all(tags);
    // SAFETY: see above.
    unsafe { connection::set_tags(connection, tags.as_ptr(), tags.len()) }
}

pub(crate) fn connection_list(tag: Option<&str>) -> Vec<u64> {
    let (has_tag, tag, tag_length) = lend_option(tag);
    // SAFETY: see above.
    unsafe {
        ask_list(|result| connection::list(has_tag, tag, tag_length, result)).into_vec::<u64>()
    }
}

pub(crate) fn http_respond(
    request: u64,
    http_status: u16,
    headers: &[(String, String)],
    body: &[u8],
) -> u32 {
    let headers = lend_pairs(headers);
    // SAFETY: see above.
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
    // SAFETY: see above.
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
    // SAFETY: see above.
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
    // SAFETY: see above.
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
    // SAFETY: see above.
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

pub(crate) fn actors_id_of(actor: &str) -> String {
    // SAFETY: see above.
    unsafe { ask_list(|result| actors::id_of(actor.as_ptr(), actor.len(), result)).into_string() }
}

pub(crate) fn actors_name_of(id: &str) -> Option<String> {
    // SAFETY: see above.
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
    // SAFETY: see above.
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
    // SAFETY: see above.
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

pub(crate) fn crypto_digest(hash: &str, data: &[u8]) -> Option<Vec<u8>> {
    // SAFETY: see above.
    ask_option(|result| unsafe {
        crypto::digest(hash.as_ptr(), hash.len(), data.as_ptr(), data.len(), result);
    })
}

pub(crate) fn crypto_hmac(hash: &str, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    // SAFETY: see above.
    ask_option(|result| unsafe {
        crypto::hmac(
            hash.as_ptr(),
            hash.len(),
            key.as_ptr(),
            key.len(),
            data.as_ptr(),
            data.len(),
            result,
        );
    })
}

pub(crate) fn crypto_pbkdf2(
    hash: &str,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    length: u32,
) -> Result<Vec<u8>, String> {
    // SAFETY: see above.
    ask_result(|result| unsafe {
        crypto::pbkdf2(
            hash.as_ptr(),
            hash.len(),
            password.as_ptr(),
            password.len(),
            salt.as_ptr(),
            salt.len(),
            iterations,
            length,
            result,
        );
    })
}

pub(crate) fn crypto_hkdf(
    hash: &str,
    key: &[u8],
    salt: &[u8],
    info: &[u8],
    length: u32,
) -> Result<Vec<u8>, String> {
    // SAFETY: see above.
    ask_result(|result| unsafe {
        crypto::hkdf(
            hash.as_ptr(),
            hash.len(),
            key.as_ptr(),
            key.len(),
            salt.as_ptr(),
            salt.len(),
            info.as_ptr(),
            info.len(),
            length,
            result,
        );
    })
}

pub(crate) fn app_section(name: &str) -> Option<Vec<u8>> {
    // SAFETY: see above.
    ask_option(|result| unsafe { app::section(name.as_ptr(), name.len(), result) })
}

pub(crate) fn app_role() -> u32 {
    app::role()
}

pub(crate) fn app_memory_limit() -> u64 {
    app::memory_limit()
}

pub(crate) fn timer_start(delay_millis: u64) -> u64 {
    timer::start(delay_millis)
}

pub(crate) fn timer_cancel(operation: u64) -> bool {
    timer::cancel(operation) != 0
}

pub(crate) fn clock_now() -> u64 {
    clock::now()
}

pub(crate) fn random_bytes(length: u32) -> Vec<u8> {
    // SAFETY: see above.
    unsafe { ask_list(|result| random::bytes(length, result)).into_bytes() }
}

pub(crate) fn random_u64() -> u64 {
    random::u64()
}

pub(crate) fn log_write(level: u32, message: &str) {
    // SAFETY: see above.
    unsafe { log::write(level, message.as_ptr(), message.len()) }
}

pub(crate) fn env_get(name: &str) -> Option<String> {
    // SAFETY: see above.
    ask_option(|result| unsafe { env::get(name.as_ptr(), name.len(), result) })
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

pub(crate) fn env_all() -> Vec<(String, String)> {
    // SAFETY: see above.
    unsafe { into_strings(ask_list(|result| env::all(result))) }
}
