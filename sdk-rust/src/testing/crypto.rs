//! The interface `crypto` in memory.

use super::imports::random_bytes;
use super::{ecdsa, hashes};
use crate::Outcome;

pub(crate) use super::aes::aes as crypto_aes;
pub(crate) use super::ecdsa::{sign as crypto_ecdsa_sign, verify as crypto_ecdsa_verify};

const MAX_DERIVED_BYTES: u32 = 4096;

pub(crate) fn crypto_digest(hash: &str, data: &[u8]) -> Option<Vec<u8>> {
    hashes::digest(hash, data)
}

pub(crate) fn crypto_hmac(hash: &str, key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    hashes::hmac(hash, key, data)
}

pub(crate) fn crypto_generate_key_pair(curve: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    ecdsa::key_pair(curve, &random_bytes(66))
}

fn derived(length: u32, bytes: impl FnOnce() -> Option<Vec<u8>>) -> Outcome {
    if length > MAX_DERIVED_BYTES {
        return Err("at most 4096 bytes are derived at a time".to_owned());
    }
    bytes().ok_or_else(|| "the hash does not give so many bytes".to_owned())
}

pub(crate) fn crypto_pbkdf2(
    hash: &str,
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    length: u32,
) -> Outcome {
    if iterations == 0 {
        return Err("there is at least one iteration".to_owned());
    }
    derived(length, || {
        hashes::pbkdf2(hash, password, salt, iterations, length as usize)
    })
}

pub(crate) fn crypto_hkdf(
    hash: &str,
    key: &[u8],
    salt: &[u8],
    info: &[u8],
    length: u32,
) -> Outcome {
    derived(length, || {
        hashes::hkdf(hash, key, salt, info, length as usize)
    })
}
