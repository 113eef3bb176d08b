//! Where `Box`, `Vec` and all others of an actor get memory.
//!
//! An actor's memory comes in pages of 64 KiB, and the server may keep a hundred thousand actors. So
//! what counts most is that a small one fits into its first page. The standard library's allocator,
//! up to Rust 1.96, leaves unused what stack and data leave of that page, and has the memory grow at
//! once. This one begins with that rest, and has the memory grow when it is full.
//!
//! Newer versions of the standard library's take the rest to be theirs, and the library may use its
//! allocator beside the global one. So it depends on the compiler whether this one may be used: the
//! toolchain's script knows, and says so with the variable `DORMOUSE_OWN_HEAP`. Where that is not set
//! all goes to the standard library's.

mod heap;

#[cfg(target_arch = "wasm32")]
mod wasm;
