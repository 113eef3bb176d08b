//! What the actor has around it: `identity`, `alarm`, `app`, `clock`, `random`, `log` and `env`.

use super::memory::{
    RawList, RawOptionList, RawOptionU64, ask_list, ask_option, ask_string, ask_u64, into_strings,
};

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

mod alarm {
    use super::RawOptionU64;
    #[link(wasm_import_module = "dormouse:host/alarm@0.1.0")]
    unsafe extern "C" {
        pub(super) fn get(result: *mut RawOptionU64);
        pub(super) fn set(due_millis: u64);
        pub(super) fn delete();
        pub(super) safe fn retry(at_millis: u64, due_millis: u64, attempt: u32);
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
    // SAFETY: see the module.
    unsafe { identity::waking_reason() }
}

pub(crate) fn alarm_get() -> Option<u64> {
    // SAFETY: see the module.
    ask_u64(|result| unsafe { alarm::get(result) })
}

pub(crate) fn alarm_set(due_millis: u64) {
    // SAFETY: see the module.
    unsafe { alarm::set(due_millis) }
}

pub(crate) fn alarm_delete() {
    // SAFETY: see the module.
    unsafe { alarm::delete() }
}

pub(crate) fn alarm_retry(at_millis: u64, due_millis: u64, attempt: u32) {
    alarm::retry(at_millis, due_millis, attempt);
}

pub(crate) fn app_section(name: &str) -> Option<Vec<u8>> {
    // SAFETY: see the module.
    ask_option(|result| unsafe { app::section(name.as_ptr(), name.len(), result) })
}

pub(crate) fn app_role() -> u32 {
    app::role()
}

pub(crate) fn app_memory_limit() -> u64 {
    app::memory_limit()
}

pub(crate) fn clock_now() -> u64 {
    clock::now()
}

pub(crate) fn random_bytes(length: u32) -> Vec<u8> {
    // SAFETY: see the module.
    unsafe { ask_list(|result| random::bytes(length, result)).into_bytes() }
}

pub(crate) fn random_u64() -> u64 {
    random::u64()
}

pub(crate) fn log_write(level: u32, message: &str) {
    // SAFETY: see the module.
    unsafe { log::write(level, message.as_ptr(), message.len()) }
}

pub(crate) fn env_get(name: &str) -> Option<String> {
    // SAFETY: see the module.
    ask_option(|result| unsafe { env::get(name.as_ptr(), name.len(), result) })
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

pub(crate) fn env_all() -> Vec<(String, String)> {
    // SAFETY: see the module.
    unsafe { into_strings(ask_list(|result| env::all(result))) }
}
