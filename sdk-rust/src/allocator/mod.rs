//! Where `Box`, `Vec` and all others of an actor get memory.
//!
//! An actor's memory comes in pages of 64 KiB, and the server may keep a hundred thousand actors. So
//! what counts most is that a small one fits into its first page: the allocator begins with what the
//! linker left of the page after stack and data, and has the memory grow only when that is full. The
//! standard library's, depending on its version, leaves that unused.
//!
//! The memory is this allocator's alone from `__heap_base` on. So an app must not use
//! [`std::alloc::System`] beside it, which may take itself to be the owner of the same bytes. An app
//! with a `#[global_allocator]` of its own does without the crate's default feature `allocator`.

mod heap;

#[cfg(target_arch = "wasm32")]
mod wasm;
