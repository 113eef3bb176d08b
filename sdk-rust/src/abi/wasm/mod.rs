//! The contract over the canonical ABI: with the allocator, the only unsafe code of the SDK.
//!
//! Memory goes three ways. What the guest gives to an import stays the guest's; the host copies it
//! during the call. What an import answers beyond one number, the host writes into a return area
//! that the caller passes, and lists in it lie in blocks that the host got from `cabi_realloc`:
//! they belong to the guest, which makes `Vec`s of them without a copy. The same goes for the lists
//! that the host passes to an export.
//!
//! Each of the modules below declares imports under the names of their interfaces, and makes safe
//! functions of them. Their blocks are sound for one reason: pointers and lengths are those of live
//! slices, the host only reads them, it writes the whole return area, and what the area holds is
//! taken exactly once.

mod connection;
mod crypto;
mod memory;
mod others;
mod storage;
mod world;

pub(crate) use connection::*;
pub(crate) use crypto::*;
pub(crate) use memory::lift;
pub(crate) use others::*;
pub(crate) use storage::*;
pub(crate) use world::*;
