//! Interface `crypto`.

use super::memory::{RawOptionList, ask_option, ask_result};

mod host {
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

pub(crate) fn crypto_digest(hash: &str, data: &[u8]) -> Option<Vec<u8>> {
    // SAFETY: see the module.
    ask_option(|result| unsafe {
        host::digest(hash.as_ptr(), hash.len(), data.as_ptr(), data.len(), result);
    })
}

pub(crate) fn crypto_hmac(hash: &str, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    // SAFETY: see the module.
    ask_option(|result| unsafe {
        host::hmac(
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
    // SAFETY: see the module.
    ask_result(|result| unsafe {
        host::pbkdf2(
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
    // SAFETY: see the module.
    ask_result(|result| unsafe {
        host::hkdf(
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
