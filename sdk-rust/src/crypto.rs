//! Cryptography.

use std::marker::PhantomData;

use crate::{Error, Result, abi};

/// Cryptography that the host does, at the price of fuel by the byte; see
/// [`Ctx::crypto`](crate::Ctx::crypto).
///
/// ```
/// # use dormouse::*;
/// fn is_signed(ctx: &Ctx, key: &[u8], body: &[u8], signature: &[u8]) -> bool {
///     ctx.crypto().verify_hmac(Hash::Sha256, key, body, signature)
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Crypto<'a> {
    pub(crate) ctx: PhantomData<&'a ()>,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1, for what still demands it: collisions are known.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    fn name(self) -> &'static str {
        match self {
            Hash::Sha1 => "SHA-1",
            Hash::Sha256 => "SHA-256",
            Hash::Sha384 => "SHA-384",
            Hash::Sha512 => "SHA-512",
        }
    }
}

impl Crypto<'_> {
    /// The hash of bytes.
    pub fn digest(&self, hash: Hash, data: &[u8]) -> Vec<u8> {
        known(abi::crypto_digest(hash.name(), data))
    }

    /// The MD5 of bytes, for checksums that demand it: it protects nothing.
    pub fn md5(&self, data: &[u8]) -> Vec<u8> {
        known(abi::crypto_digest("MD5", data))
    }

    /// The message authentication code of bytes, with a key of any length.
    pub fn hmac(&self, hash: Hash, key: &[u8], data: &[u8]) -> Vec<u8> {
        known(abi::crypto_hmac(hash.name(), key, data))
    }

    /// Whether this is the message authentication code of the bytes. The time that it takes says
    /// nothing about where the two differ.
    pub fn verify_hmac(&self, hash: Hash, key: &[u8], data: &[u8], code: &[u8]) -> bool {
        let right = self.hmac(hash, key, data);
        let differences = right.iter().zip(code).fold(0, |all, (a, b)| all | (a ^ b));
        right.len() == code.len() && differences == 0
    }

    /// A key of at most 4,096 bytes from a password.
    pub fn pbkdf2(
        &self,
        hash: Hash,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
        length: u32,
    ) -> Result<Vec<u8>> {
        abi::crypto_pbkdf2(hash.name(), password, salt, iterations, length).map_err(Error::Other)
    }

    /// A key of at most 4,096 bytes from another one.
    pub fn hkdf(
        &self,
        hash: Hash,
        key: &[u8],
        salt: &[u8],
        info: &[u8],
        length: u32,
    ) -> Result<Vec<u8>> {
        abi::crypto_hkdf(hash.name(), key, salt, info, length).map_err(Error::Other)
    }
}

fn known(bytes: Option<Vec<u8>>) -> Vec<u8> {
    match bytes {
        Some(bytes) => bytes,
        None => panic!("the server does not know a hash of the contract"),
    }
}
