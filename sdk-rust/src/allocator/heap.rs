//! The blocks of a heap and how they are found, split and merged. It works on addresses, of the
//! actor's memory or, in tests, of any memory.
//!
//! Every block begins with one word: its size, which counts that word, and two bits that say
//! whether the block is free and whether the one before it is. What the program gets is the rest.
//! A free block keeps its neighbours in its list in the words after the first, and its size once
//! more in its last word, where the block after it finds it. A part of memory ends with the header
//! of a block of no size, which is never free, so that each block has one after it.
//!
//! ```text
//! | size, used | what the program has ... | size, free | next | previous | ... | size | size, used |
//! ```
//!
//! Two free blocks never lie side by side: freeing merges. So free memory is in as few pieces as
//! the blocks in use allow, and what it takes to find, to split and to merge does not depend on how
//! many there are.
//!
//! Most blocks are small, and turns want the same sizes again and again. So a small block that comes
//! back is only *put by*: it stays as it is, in a list of its very size, and serves the next request
//! for that. Before the heap asks for memory, all that is put by becomes free, and merges. So it
//! never makes the memory grow, and each block costs that at most once for each time it came back.

use std::alloc::Layout;
use std::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

const WORD: usize = size_of::<usize>();

/// What each block is aligned to: enough for every plain type. Sizes are multiples of it.
pub(super) const ALIGN: usize = 2 * WORD;

/// A free block's header, its two neighbours, and its size again.
const LEAST: usize = 4 * WORD;

/// Blocks of fewer units than these are put by when they come back: of half a kilobyte in 32 bits.
const SMALL: usize = 64;

const FREE: usize = 1;
const PREVIOUS_FREE: usize = 2;
const FLAGS: usize = FREE | PREVIOUS_FREE;

/// Up to here each size has a class of its own; beyond, eight classes share a power of two, so that
/// the blocks of a class differ by less than an eighth.
const SINGLE: usize = 16;
const STEPS: u32 = 3;
/// For blocks of half of all addresses, and more than a memory may have.
const CLASSES: usize = SINGLE + ((usize::BITS as usize - 7) << STEPS);
const MAP_WORDS: usize = CLASSES.div_ceil(32);

/// Where a heap gets memory.
pub(super) trait Source {
    /// Memory that nobody has used before, as the addresses of its first byte and after its last; or
    /// nothing, where there is no more. It is the heap's for good. It should have as many bytes as the
    /// heap asks for; where it has fewer, the heap asks again.
    fn more(&mut self, bytes: usize) -> Option<(usize, usize)>;
}

pub(super) struct Heap<S> {
    source: S,
    /// Of each small size, in units of the alignment, the first block that is put by, or 0. The word
    /// after its header is the next one.
    put_by: [usize; SMALL],
    /// Whether any is.
    any_put_by: bool,
    /// Of each class the first free block, or 0.
    lists: [usize; CLASSES],
    /// Which of the lists are not empty.
    map: [u32; MAP_WORDS],
    /// Where the part ends that was added last; 0 before the first.
    end: usize,
}

impl<S: Source> Heap<S> {
    pub(super) const fn new(source: S) -> Self {
        Heap {
            source,
            put_by: [0; SMALL],
            any_put_by: false,
            lists: [0; CLASSES],
            map: [0; MAP_WORDS],
            end: 0,
        }
    }

    /// The address of a new block, or 0 where there is no memory for it.
    pub(super) fn allocate(&mut self, layout: Layout) -> usize {
        let (size, align) = (block_size(layout.size()), layout.align());
        if align <= ALIGN {
            if let Some(first) = self.put_by.get_mut(size / ALIGN) {
                let block = *first;
                if block != 0 {
                    // SAFETY: what is in the list is a block of this size, and what comes after it.
                    *first = unsafe { read(block + WORD) };
                    return block + WORD;
                }
            }
            return match self.obtain(size) {
                0 => 0,
                block => self.hand_out(block, size),
            };
        }
        // Wherever it lies, the aligned block fits into so much, and a free block before it.
        let block = self.obtain(size + align + ALIGN);
        if block == 0 {
            return 0;
        }
        let mut aligned = (block + WORD).next_multiple_of(align) - WORD;
        if aligned - block == ALIGN {
            aligned += align;
        }
        if aligned > block {
            // SAFETY: both parts lie within the block, which is in no list.
            unsafe {
                let whole = size_at(block);
                self.insert(block, aligned - block);
                write(aligned, (whole - (aligned - block)) | PREVIOUS_FREE);
            }
        }
        self.hand_out(aligned, size)
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// This heap gave the address, and nobody uses what is there any more.
    pub(super) unsafe fn free(&mut self, address: usize) {
        let block = address - WORD;
        // SAFETY: the block is the heap's, and nobody uses its words.
        unsafe {
            match self.put_by.get_mut(size_at(block) / ALIGN) {
                Some(first) => {
                    write(address, *first);
                    *first = block;
                    self.any_put_by = true;
                }
                None => self.merge(block),
            }
        }
    }

    /// Frees all that is put by. Answers whether anything was.
    fn free_put_by(&mut self) -> bool {
        if !self.any_put_by {
            return false;
        }
        for units in 0..SMALL {
            let mut block = std::mem::take(&mut self.put_by[units]);
            while block != 0 {
                // SAFETY: what is in the list is a block that nobody uses, and what comes after it.
                unsafe {
                    let next = read(block + WORD);
                    self.merge(block);
                    block = next;
                }
            }
        }
        self.any_put_by = false;
        true
    }

    /// Makes a block free, as one with those beside it that are.
    ///
    /// # Safety
    /// The block is this heap's, in no list, and nobody uses it.
    unsafe fn merge(&mut self, mut block: usize) {
        // SAFETY: the block is the heap's, and so are those beside it.
        unsafe {
            let mut size = size_at(block);
            let next = block + size;
            if read(next) & FREE != 0 {
                size += size_at(next);
                self.remove(next);
            }
            if read(block) & PREVIOUS_FREE != 0 {
                let before = read(block - WORD);
                size += before;
                block -= before;
                self.remove(block);
            }
            self.insert(block, size);
        }
    }

    /// Gives a block another size, where it is or elsewhere. The answer is its address, or 0 where
    /// there is no memory for that; then it stays as it is.
    ///
    /// # Safety
    /// This heap gave the address for this layout.
    pub(super) unsafe fn resize(&mut self, address: usize, layout: Layout, bytes: usize) -> usize {
        let size = block_size(bytes);
        // SAFETY: as the caller says; an alignment from a layout is one; the new block is another.
        unsafe {
            let whole = size_at(address - WORD);
            if size <= whole && whole - size < LEAST {
                return address;
            }
            if self.stretch(address - WORD, size) {
                return self.hand_out(address - WORD, size);
            }
            let to = self.allocate(Layout::from_size_align_unchecked(bytes, layout.align()));
            if to != 0 {
                std::ptr::copy_nonoverlapping(
                    with_exposed_provenance::<u8>(address),
                    with_exposed_provenance_mut::<u8>(to),
                    layout.size(),
                );
                self.free(address);
            }
            to
        }
    }

    /// Adds the free block after a block to it, if it is large enough then. At the end of the memory
    /// that makes a list that grows and grows cost neither copies nor holes.
    ///
    /// # Safety
    /// The block is this heap's and in use.
    unsafe fn stretch(&mut self, block: usize, size: usize) -> bool {
        // SAFETY: the block is the heap's, and so are those after it.
        unsafe {
            let next = block + size_at(block);
            let mut reach = next + free_at(next);
            if block + size > reach && reach + WORD == self.end && self.find(size) == 0 {
                if !self.free_put_by() || self.find(size) == 0 {
                    self.refill(block + size - next, true);
                }
                reach = next + free_at(next);
            }
            if block + size > reach {
                return false;
            }
            if reach > next {
                self.remove(next);
                write(block, (reach - block) | read(block) & PREVIOUS_FREE);
            }
            true
        }
    }

    /// A free block of this size or larger, out of its list; or 0.
    fn obtain(&mut self, size: usize) -> usize {
        // What is there from the beginning may be too little, and what comes then may lie apart from
        // it, so that together they are no block; but then it comes a third time, as one piece.
        let mut refills = 3;
        loop {
            let block = self.find(size);
            if block != 0 {
                // SAFETY: it was in its list.
                unsafe { self.remove(block) };
                return block;
            }
            if self.free_put_by() {
                continue;
            }
            if refills == 0 || !self.refill(size, refills > 1) {
                return 0;
            }
            refills -= 1;
        }
    }

    /// A free block of this size or larger, or 0.
    fn find(&self, size: usize) -> usize {
        let units = size / ALIGN;
        let own = class(units);
        // Every block of this class is large enough.
        let ample = match units {
            ..SINGLE => own,
            _ => class(units + (1 << (units.ilog2() - STEPS)) - 1),
        };
        let mut bits = self.map[ample / 32] & (!0 << (ample % 32));
        for word in ample / 32..MAP_WORDS {
            if bits != 0 {
                return self.lists[word * 32 + bits.trailing_zeros() as usize];
            }
            bits = *self.map.get(word + 1).unwrap_or(&0);
        }
        // The first of its own class may be, too: that is where memory that was added for it lies.
        match self.lists[own] {
            // SAFETY: what is in a list is a free block.
            block if block != 0 && unsafe { size_at(block) } >= size => block,
            _ => 0,
        }
    }

    /// Gets memory for a block of this size; if it is to go on where the last part ends, then less
    /// what is free there.
    fn refill(&mut self, size: usize, goes_on: bool) -> bool {
        let there = match self.end {
            // SAFETY: a part ends with a marker.
            end if goes_on && end > 0 => unsafe { free_before(end - WORD) },
            _ => 0,
        };
        let missing = (size + 2 * ALIGN).saturating_sub(there).max(ALIGN);
        match self.source.more(missing) {
            Some((start, end)) => {
                self.add(start, end);
                true
            }
            None => false,
        }
    }

    fn add(&mut self, start: usize, end: usize) {
        let end = end / ALIGN * ALIGN;
        // Where the last part goes on, its marker becomes the header of what is new.
        let goes_on = start == self.end;
        let block = match goes_on {
            true => start - WORD,
            false => start.next_multiple_of(ALIGN) + WORD,
        };
        if end < block + LEAST + WORD {
            return;
        }
        self.end = end;
        let size = end - WORD - block;
        // SAFETY: the memory is the heap's, and nothing is in it.
        unsafe {
            let flags = if goes_on {
                read(block) & PREVIOUS_FREE
            } else {
                0
            };
            write(block, size | flags);
            write(end - WORD, 0);
            self.merge(block);
        }
    }

    /// Of a block that is in no list, gives the program as much as it needs.
    fn hand_out(&mut self, block: usize, size: usize) -> usize {
        // SAFETY: the block is the heap's and at least so large, and the one after it is in use.
        unsafe {
            let (whole, flags) = (size_at(block), read(block) & PREVIOUS_FREE);
            if whole - size >= LEAST {
                write(block, size | flags);
                self.insert(block + size, whole - size);
            } else {
                write(block, whole | flags);
                let next = block + whole;
                write(next, read(next) & !PREVIOUS_FREE);
            }
        }
        block + WORD
    }

    /// # Safety
    /// The memory is the heap's, in no list, and neither the block before it nor the one after it is
    /// free.
    unsafe fn insert(&mut self, block: usize, size: usize) {
        let class = class(size / ALIGN);
        let first = self.lists[class];
        self.lists[class] = block;
        self.map[class / 32] |= 1 << (class % 32);
        // SAFETY: a free block has room for four words, and one comes after it.
        unsafe {
            write(block, size | FREE);
            write(block + WORD, first);
            write(block + 2 * WORD, 0);
            if first != 0 {
                write(first + 2 * WORD, block);
            }
            write(block + size - WORD, size);
            write(block + size, read(block + size) | PREVIOUS_FREE);
        }
    }

    /// # Safety
    /// The block is free and in its list.
    unsafe fn remove(&mut self, block: usize) {
        // SAFETY: so its neighbours in the list are free blocks, too.
        unsafe {
            let (next, previous) = (read(block + WORD), read(block + 2 * WORD));
            if next != 0 {
                write(next + 2 * WORD, previous);
            }
            if previous != 0 {
                write(previous + WORD, next);
                return;
            }
            let class = class(size_at(block) / ALIGN);
            self.lists[class] = next;
            if next == 0 {
                self.map[class / 32] &= !(1 << (class % 32));
            }
        }
    }
}

/// The size of the block that holds so many bytes.
fn block_size(bytes: usize) -> usize {
    (bytes + WORD).next_multiple_of(ALIGN).max(LEAST)
}

fn class(units: usize) -> usize {
    if units < SINGLE {
        return units;
    }
    let log = units.ilog2();
    let step = units >> (log - STEPS) & ((1 << STEPS) - 1);
    SINGLE + ((log as usize - SINGLE.ilog2() as usize) << STEPS) + step
}

/// # Safety
/// A block's header is there.
unsafe fn size_at(block: usize) -> usize {
    // SAFETY: as the caller says.
    unsafe { read(block) & !FLAGS }
}

/// The size of the block if it is free, and else 0.
///
/// # Safety
/// A block's header is there.
unsafe fn free_at(block: usize) -> usize {
    // SAFETY: as the caller says.
    match unsafe { read(block) } {
        header if header & FREE != 0 => header & !FLAGS,
        _ => 0,
    }
}

/// The size of the block before this one if it is free, and else 0.
///
/// # Safety
/// A block's header is there.
unsafe fn free_before(block: usize) -> usize {
    // SAFETY: as the caller says; the last word of a free block is its size.
    unsafe {
        match read(block) & PREVIOUS_FREE {
            0 => 0,
            _ => read(block - WORD),
        }
    }
}

/// # Safety
/// The address is that of a word of the heap.
unsafe fn read(address: usize) -> usize {
    // SAFETY: as the caller says.
    unsafe { *with_exposed_provenance::<usize>(address) }
}

/// # Safety
/// As [`read`], and it is no program's.
unsafe fn write(address: usize, word: usize) {
    // SAFETY: as the caller says.
    unsafe { *with_exposed_provenance_mut::<usize>(address) = word }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
