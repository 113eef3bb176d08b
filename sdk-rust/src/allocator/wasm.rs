//! The allocator over the memory of a WebAssembly module.

use core::arch::wasm32;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ptr::with_exposed_provenance_mut;

use super::heap::{Heap, Source};

const PAGE: usize = 64 * 1024;

/// Whether nobody else takes what lies between `__heap_base` and `__heap_end`.
const OWN_HEAP: bool = option_env!("DORMOUSE_OWN_HEAP").is_some();

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(UnsafeCell::new(Heap::new(Memory { begun: false })));

struct Allocator(UnsafeCell<Heap<Memory>>);

// SAFETY: there is one thread: without the feature `atomics` a module has no shared memory.
unsafe impl Sync for Allocator {}

// SAFETY: the heap gives blocks that do not overlap, of the size and alignment of the layout, which
// stay where they are. One thread and no code of others within the heap's functions: so none of them
// is called while another one runs.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !OWN_HEAP {
            // SAFETY: passed on to the caller.
            return unsafe { System.alloc(layout) };
        }
        // SAFETY: see above.
        let heap = unsafe { &mut *self.0.get() };
        with_exposed_provenance_mut(heap.allocate(layout))
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !OWN_HEAP {
            // SAFETY: passed on to the caller.
            return unsafe { System.dealloc(block, layout) };
        }
        // SAFETY: see above; the caller says that the block is the heap's.
        unsafe { (*self.0.get()).free(block.expose_provenance()) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !OWN_HEAP {
            // SAFETY: passed on to the caller.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: see above; the caller says that the block is the heap's.
        unsafe {
            let heap = &mut *self.0.get();
            with_exposed_provenance_mut(heap.resize(block.expose_provenance(), layout, size))
        }
    }
}

unsafe extern "C" {
    /// From the linker: the first byte after stack and data.
    static __heap_base: u8;
    /// From the linker: where the memory ends that the module begins with.
    static __heap_end: u8;
}

struct Memory {
    begun: bool,
}

impl Source for Memory {
    fn more(&mut self, bytes: usize) -> Option<(usize, usize)> {
        if !self.begun {
            self.begun = true;
            return Some((
                (&raw const __heap_base).addr(),
                (&raw const __heap_end).addr(),
            ));
        }
        let pages = bytes.div_ceil(PAGE);
        let start = wasm32::memory_grow(0, pages).checked_mul(PAGE)?;
        Some((start, start.checked_add(pages * PAGE)?))
    }
}
