//! Interface `storage`.

use super::memory::{
    RawList, RawOptionList, RawPair, ask_list, ask_option, into_entries, lend_all, lend_option,
    lend_pairs,
};
use crate::abi::{Entries, ListRequest};

mod host {
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

pub(crate) fn storage_get(key: &str) -> Option<Vec<u8>> {
    // SAFETY: see the module.
    ask_option(|result| unsafe { host::get(key.as_ptr(), key.len(), result) })
}

pub(crate) fn storage_get_many<S: AsRef<str>>(keys: &[S]) -> Entries {
    let keys = lend_all(keys);
    // SAFETY: see the module.
    unsafe {
        into_entries(ask_list(|result| {
            host::get_many(keys.as_ptr(), keys.len(), result)
        }))
    }
}

pub(crate) fn storage_put(key: &str, value: &[u8]) -> u32 {
    // SAFETY: see the module.
    unsafe { host::put(key.as_ptr(), key.len(), value.as_ptr(), value.len()) }
}

pub(crate) fn storage_put_many<S: AsRef<str>>(entries: &[(S, Vec<u8>)]) -> u32 {
    let entries = lend_pairs(entries);
    // SAFETY: see the module.
    unsafe { host::put_many(entries.as_ptr(), entries.len()) }
}

pub(crate) fn storage_delete(key: &str) -> bool {
    // SAFETY: see the module.
    unsafe { host::delete(key.as_ptr(), key.len()) != 0 }
}

pub(crate) fn storage_delete_many<S: AsRef<str>>(keys: &[S]) -> u32 {
    let keys = lend_all(keys);
    // SAFETY: see the module.
    unsafe { host::delete_many(keys.as_ptr(), keys.len()) }
}

pub(crate) fn storage_list(request: ListRequest<'_>) -> Entries {
    let (has_start, start, start_length) = lend_option(request.start);
    let (has_after, after, after_length) = lend_option(request.start_after);
    let (has_end, end, end_length) = lend_option(request.end);
    let (has_prefix, prefix, prefix_length) = lend_option(request.prefix);
    // SAFETY: see the module.
    unsafe {
        into_entries(ask_list(|result| {
            host::list(
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
    // SAFETY: see the module.
    unsafe { host::delete_all() }
}
