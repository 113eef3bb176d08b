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
///
/// /// The nonce first, since it is needed to decrypt: it is no secret, and must never come twice.
/// fn seal(ctx: &Ctx, key: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
///     let nonce = ctx.random().bytes(12);
///     let sealed = ctx.crypto().encrypt(&Aes::gcm(&nonce), key, secret)?;
///     Ok([nonce, sealed].concat())
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

/// A way to encrypt with AES. Keys have 16, 24 or 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aes<'a> {
    mode: &'static str,
    iv: &'a [u8],
    additional_data: &'a [u8],
    tag_bits: u8,
}

impl<'a> Aes<'a> {
    /// AES-GCM, which also tells whether what it decrypts was changed. The nonce has at least one
    /// byte, best 12, and is never used twice with a key. A tag of 128 bits follows the ciphertext.
    pub fn gcm(nonce: &'a [u8]) -> Self {
        Aes::of("GCM", nonce)
    }

    /// AES-CBC with the padding of PKCS #7. The initialisation vector has 16 bytes.
    pub fn cbc(iv: &'a [u8]) -> Self {
        Aes::of("CBC", iv)
    }

    /// AES-CTR. The first counter has 16 bytes, all of which count.
    pub fn ctr(counter: &'a [u8]) -> Self {
        Aes::of("CTR", counter)
    }

    fn of(mode: &'static str, iv: &'a [u8]) -> Self {
        Aes {
            mode,
            iv,
            additional_data: &[],
            tag_bits: 128,
        }
    }

    /// Has GCM vouch for these bytes, too, which are not part of the ciphertext.
    pub fn with_additional_data(self, additional_data: &'a [u8]) -> Self {
        Aes {
            additional_data,
            ..self
        }
    }

    /// The length of GCM's tag: 96, 104, 112, 120 or 128 bits.
    pub fn with_tag_bits(self, tag_bits: u8) -> Self {
        Aes { tag_bits, ..self }
    }
}

/// An elliptic curve for ECDSA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// P-256, also named secp256r1 or prime256v1. Its signatures have 64 bytes.
    P256,
    /// P-384, also named secp384r1. Its signatures have 96 bytes.
    P384,
    /// P-521, also named secp521r1. Its signatures have 132 bytes.
    P521,
}

impl Curve {
    fn name(self) -> &'static str {
        match self {
            Curve::P256 => "P-256",
            Curve::P384 => "P-384",
            Curve::P521 => "P-521",
        }
    }
}

/// What [`Crypto::generate_key_pair`] makes.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    /// PKCS #8, in DER.
    pub private_key: Vec<u8>,
    /// SubjectPublicKeyInfo, in DER.
    pub public_key: Vec<u8>,
}

/// Without the private key, so that it does not come into a log.
impl std::fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPair")
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
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

    /// The ciphertext of bytes. [`Error::Crypto`] says which parameter has a length that it cannot
    /// have.
    pub fn encrypt(&self, aes: &Aes<'_>, key: &[u8], data: &[u8]) -> Result<Vec<u8>> {
        self.aes(true, aes, key, data)
    }

    /// The bytes of a ciphertext. It is [`Error::Crypto`] where it was not encrypted so, with this
    /// key; but with CTR, and now and then with CBC, such a ciphertext gives bytes without a meaning.
    pub fn decrypt(&self, aes: &Aes<'_>, key: &[u8], data: &[u8]) -> Result<Vec<u8>> {
        self.aes(false, aes, key, data)
    }

    fn aes(&self, encrypt: bool, aes: &Aes<'_>, key: &[u8], data: &[u8]) -> Result<Vec<u8>> {
        let Aes {
            mode,
            iv,
            additional_data,
            tag_bits,
        } = *aes;
        abi::crypto_aes(encrypt, mode, key, iv, additional_data, tag_bits, data)
            .map_err(Error::Crypto)
    }

    /// A new private key and its public key.
    pub fn generate_key_pair(&self, curve: Curve) -> KeyPair {
        match abi::crypto_generate_key_pair(curve.name()) {
            Some((private_key, public_key)) => KeyPair {
                private_key,
                public_key,
            },
            None => panic!("the server does not know a curve of the contract"),
        }
    }

    /// The ECDSA signature of bytes: r and s, one after another, each as long as the curve's numbers.
    /// It is [`Error::Crypto`] where the private key (PKCS #8, in DER) is none of the curve.
    pub fn sign(
        &self,
        curve: Curve,
        hash: Hash,
        private_key: &[u8],
        data: &[u8],
    ) -> Result<Vec<u8>> {
        abi::crypto_ecdsa_sign(curve.name(), hash.name(), private_key, data).map_err(Error::Crypto)
    }

    /// Whether this is a signature of the bytes by the owner of the public key
    /// (SubjectPublicKeyInfo, in DER). False, too, for a key or signature that is none.
    pub fn verify(
        &self,
        curve: Curve,
        hash: Hash,
        public_key: &[u8],
        signature: &[u8],
        data: &[u8],
    ) -> bool {
        abi::crypto_ecdsa_verify(curve.name(), hash.name(), public_key, signature, data)
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
        abi::crypto_pbkdf2(hash.name(), password, salt, iterations, length).map_err(Error::Crypto)
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
        abi::crypto_hkdf(hash.name(), key, salt, info, length).map_err(Error::Crypto)
    }
}

fn known(bytes: Option<Vec<u8>>) -> Vec<u8> {
    match bytes {
        Some(bytes) => bytes,
        None => panic!("the server does not know a hash of the contract"),
    }
}
