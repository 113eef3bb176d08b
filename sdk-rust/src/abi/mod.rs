//! The calls of the contract, as safe functions. In WebAssembly they are the host's imports; on any
//! other target they are the server in memory of [`crate::testing`].

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code)]
mod wasm;
#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::*;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use crate::testing::imports::*;

/// Entries of storage: key and value.
pub(crate) type Entries = Vec<(String, Vec<u8>)>;

/// What `storage.list` is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ListRequest<'a> {
    pub(crate) start: Option<&'a str>,
    pub(crate) start_after: Option<&'a str>,
    pub(crate) end: Option<&'a str>,
    pub(crate) prefix: Option<&'a str>,
    pub(crate) reverse: bool,
    pub(crate) limit: Option<u32>,
}
