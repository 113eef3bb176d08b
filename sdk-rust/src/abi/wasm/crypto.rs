//! Interface `crypto`.

use super::memory::{RawOptionList, RawOptionPair, ask_option, ask_option_pair, ask_result};

mod host {
    use super::{RawOptionList, RawOptionPair};
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
        #[link_name = "aes-encrypt"]
        pub(super) fn aes_encrypt(
            mode: *const u8,
            mode_length: usize,
            key: *const u8,
            key_length: usize,
            iv: *const u8,
            iv_length: usize,
            additional_data: *const u8,
            additional_length: usize,
            tag_bits: u32,
            data: *const u8,
            data_length: usize,
            result: *mut RawOptionList,
        );
        #[link_name = "aes-decrypt"]
        pub(super) fn aes_decrypt(
            mode: *const u8,
            mode_length: usize,
            key: *const u8,
            key_length: usize,
            iv: *const u8,
            iv_length: usize,
            additional_data: *const u8,
            additional_length: usize,
            tag_bits: u32,
            data: *const u8,
            data_length: usize,
            result: *mut RawOptionList,
        );
        #[link_name = "generate-key-pair"]
        pub(super) fn generate_key_pair(
            curve: *const u8,
            curve_length: usize,
            result: *mut RawOptionPair,
        );
        #[link_name = "ecdsa-sign"]
        pub(super) fn ecdsa_sign(
            curve: *const u8,
            curve_length: usize,
            hash: *const u8,
            hash_length: usize,
            private_key: *const u8,
            key_length: usize,
            data: *const u8,
            data_length: usize,
            result: *mut RawOptionList,
        );
        #[link_name = "ecdsa-verify"]
        pub(super) fn ecdsa_verify(
            curve: *const u8,
            curve_length: usize,
            hash: *const u8,
            hash_length: usize,
            public_key: *const u8,
            key_length: usize,
            signature: *const u8,
            signature_length: usize,
            data: *const u8,
            data_length: usize,
        ) -> u32;
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

pub(crate) fn crypto_aes(
    encrypt: bool,
    mode: &str,
    key: &[u8],
    iv: &[u8],
    additional_data: &[u8],
    tag_bits: u8,
    data: &[u8],
) -> Result<Vec<u8>, String> {
    let function = match encrypt {
        true => host::aes_encrypt,
        false => host::aes_decrypt,
    };
    // SAFETY: see the module.
    ask_result(|result| unsafe {
        function(
            mode.as_ptr(),
            mode.len(),
            key.as_ptr(),
            key.len(),
            iv.as_ptr(),
            iv.len(),
            additional_data.as_ptr(),
            additional_data.len(),
            u32::from(tag_bits),
            data.as_ptr(),
            data.len(),
            result,
        );
    })
}

pub(crate) fn crypto_generate_key_pair(curve: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    // SAFETY: see the module.
    let pair = ask_option_pair(|result| unsafe {
        host::generate_key_pair(curve.as_ptr(), curve.len(), result);
    })?;
    // SAFETY: see the module.
    unsafe { Some((pair.first.into_bytes(), pair.second.into_bytes())) }
}

pub(crate) fn crypto_ecdsa_sign(
    curve: &str,
    hash: &str,
    private_key: &[u8],
    data: &[u8],
) -> Result<Vec<u8>, String> {
    // SAFETY: see the module.
    ask_result(|result| unsafe {
        host::ecdsa_sign(
            curve.as_ptr(),
            curve.len(),
            hash.as_ptr(),
            hash.len(),
            private_key.as_ptr(),
            private_key.len(),
            data.as_ptr(),
            data.len(),
            result,
        );
    })
}

pub(crate) fn crypto_ecdsa_verify(
    curve: &str,
    hash: &str,
    public_key: &[u8],
    signature: &[u8],
    data: &[u8],
) -> bool {
    // SAFETY: see the module.
    unsafe {
        host::ecdsa_verify(
            curve.as_ptr(),
            curve.len(),
            hash.as_ptr(),
            hash.len(),
            public_key.as_ptr(),
            public_key.len(),
            signature.as_ptr(),
            signature.len(),
            data.as_ptr(),
            data.len(),
        ) != 0
    }
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
