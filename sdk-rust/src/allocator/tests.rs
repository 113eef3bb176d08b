//! The heap over plain memory, against a model that knows what lies where.

use super::*;
use std::collections::BTreeMap;

/// Parts of one piece of memory, one after the other.
struct Parts {
    memory: Vec<u128>,
    given: usize,
    /// What the first part has.
    first: usize,
    /// Of what is asked for, a multiple of this is given.
    page: usize,
    /// What is left unused before each part.
    gap: usize,
    refused: usize,
}

impl Parts {
    fn new(bytes: usize, first: usize, page: usize) -> Self {
        Parts {
            memory: vec![0; bytes / 16],
            given: 0,
            first,
            page,
            gap: 0,
            refused: 0,
        }
    }

    fn size(&self) -> usize {
        self.memory.len() * 16
    }
}

impl Source for Parts {
    fn more(&mut self, bytes: usize) -> Option<(usize, usize)> {
        let wanted = match self.given {
            0 => self.first,
            _ => bytes.next_multiple_of(self.page),
        };
        if self.given + self.gap + wanted > self.size() {
            self.refused += 1;
            return None;
        }
        let start = self.memory.as_mut_ptr().expose_provenance() + self.given + self.gap;
        self.given += self.gap + wanted;
        Some((start, start + wanted))
    }
}

struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    fn size(&mut self) -> usize {
        let most = 1 << self.below(13);
        1 + self.below(most)
    }

    fn layout(&mut self) -> Layout {
        let align = match self.below(10) {
            0 => 1 << self.below(9),
            _ => 1 << self.below(4),
        };
        Layout::from_size_align(self.size(), align).unwrap()
    }
}

/// What a program has: of each block its layout and the byte that fills it.
#[derive(Default)]
struct Model {
    blocks: BTreeMap<usize, (Layout, u8)>,
}

impl Model {
    fn fill(&mut self, address: usize, layout: Layout, byte: u8) {
        assert_eq!(address % layout.align(), 0);
        let before = self.blocks.range(..address).next_back();
        assert!(before.is_none_or(|(at, (layout, _))| at + layout.size() <= address));
        let after = self.blocks.range(address..).next();
        assert!(after.is_none_or(|(at, _)| address + layout.size() <= *at));
        unsafe {
            with_exposed_provenance_mut::<u8>(address).write_bytes(byte, layout.size());
        }
        self.blocks.insert(address, (layout, byte));
    }

    /// Forgets a block, of which the first bytes are checked.
    fn take(&mut self, address: usize, kept: usize) -> (Layout, u8) {
        self.check(address, address, kept);
        self.blocks.remove(&address).unwrap()
    }

    /// Where a block has come to, its bytes are.
    fn check(&self, address: usize, at: usize, bytes: usize) {
        let (_, byte) = self.blocks[&address];
        let found = unsafe { std::slice::from_raw_parts(with_exposed_provenance::<u8>(at), bytes) };
        assert!(found == vec![byte; bytes]);
    }

    fn any(&self, seeded: &mut Seeded) -> usize {
        *self
            .blocks
            .keys()
            .nth(seeded.below(self.blocks.len()))
            .unwrap()
    }
}

/// Of all the memory, the sizes of free blocks, when nothing is put by any more. Checks the marks of each block on the way.
fn free_blocks<S: Source>(heap: &mut Heap<S>, start: usize) -> Vec<usize> {
    heap.free_put_by();
    let mut found = Vec::new();
    let mut block = start.next_multiple_of(ALIGN) + WORD;
    let mut before = 0;
    while block < heap.end - WORD {
        unsafe {
            assert_eq!(free_before(block), before);
            before = free_at(block);
            if before > 0 {
                assert_eq!(
                    read(block) & PREVIOUS_FREE,
                    0,
                    "two free blocks side by side"
                );
                found.push(before);
            }
            block += size_at(block);
        }
    }
    assert_eq!(block, heap.end - WORD);
    assert_eq!(unsafe { free_before(block) }, before);
    let listed = heap.map.iter().map(|word| word.count_ones()).sum::<u32>();
    assert_eq!(listed == 0, found.is_empty());
    found
}

fn churn(heap: &mut Heap<Parts>, model: &mut Model, seeded: &mut Seeded, steps: usize) {
    for step in 0..steps {
        match seeded.below(if model.blocks.is_empty() { 1 } else { 5 }) {
            0 | 1 => {
                let layout = seeded.layout();
                let address = heap.allocate(layout);
                match address {
                    0 => assert!(heap.source.refused > 0),
                    _ => model.fill(address, layout, step as u8),
                }
            }
            2 | 3 => {
                let address = model.any(seeded);
                let (layout, _) = model.blocks[&address];
                let bytes = seeded.size();
                let to = unsafe { heap.resize(address, layout, bytes) };
                if to == 0 {
                    model.check(address, address, layout.size());
                    continue;
                }
                model.check(address, to, layout.size().min(bytes));
                model.blocks.remove(&address);
                let layout = Layout::from_size_align(bytes, layout.align()).unwrap();
                model.fill(to, layout, step as u8);
            }
            _ => {
                let address = model.any(seeded);
                let (layout, _) = model.blocks[&address];
                model.take(address, layout.size());
                unsafe { heap.free(address) };
            }
        }
    }
}

fn free_all(heap: &mut Heap<Parts>, model: &mut Model) {
    for address in model.blocks.keys().copied().collect::<Vec<_>>() {
        let (layout, _) = model.blocks[&address];
        model.take(address, layout.size());
        unsafe { heap.free(address) };
    }
}

#[test]
fn blocks_keep_what_is_in_them_and_all_of_the_memory_comes_back() {
    for seed in 1..=6 {
        let mut seeded = Seeded(seed);
        let first = seeded.below(20_000) / 16 * 16;
        let mut heap = Heap::new(Parts::new(1 << 20, first, 4096));
        let mut model = Model::default();
        // A first part that is too small for a block is left alone.
        let unused = if first < LEAST + 2 * WORD { first } else { 0 };
        let start = heap.source.memory.as_mut_ptr().expose_provenance() + unused;
        for round in 0..5 {
            churn(&mut heap, &mut model, &mut seeded, 1000);
            if heap.end > 0 {
                free_blocks(&mut heap, start);
            }
            if round % 2 == 1 {
                free_all(&mut heap, &mut model);
                let free = free_blocks(&mut heap, start);
                assert_eq!(free.len(), 1, "it is one piece again");
                assert_eq!(
                    free[0],
                    heap.end - WORD - (start.next_multiple_of(ALIGN) + WORD)
                );
            }
        }
    }
}

#[test]
fn where_there_is_no_more_memory_nothing_is_lost() {
    for seed in 1..=6 {
        let mut seeded = Seeded(seed);
        let mut heap = Heap::new(Parts::new(64 << 10, 10_000, 4096));
        let mut model = Model::default();
        churn(&mut heap, &mut model, &mut seeded, 8000);
        assert!(heap.source.refused > 0, "it was full");
        free_all(&mut heap, &mut model);
        let most = Layout::from_size_align(50_000, 8).unwrap();
        let address = heap.allocate(most);
        assert_ne!(address, 0);
        model.fill(address, most, 7);
        assert_eq!(heap.allocate(most), 0);
        assert_eq!(
            unsafe { heap.resize(address, most, 80_000) },
            0,
            "and the block stays"
        );
        model.take(address, 50_000);
    }
}

#[test]
fn parts_that_lie_apart_are_not_taken_for_one() {
    for seed in 1..=6 {
        let mut seeded = Seeded(seed);
        let mut parts = Parts::new(4 << 20, 10_008, 4096);
        parts.gap = 40;
        let mut heap = Heap::new(parts);
        let mut model = Model::default();
        churn(&mut heap, &mut model, &mut seeded, 5000);
        free_all(&mut heap, &mut model);
        assert_eq!(heap.source.refused, 0);
        let long = Layout::from_size_align(100_000, 8).unwrap();
        let address = heap.allocate(long);
        assert_ne!(address, 0);
        model.fill(address, long, 1);
    }
}

#[test]
fn each_alignment_is_kept() {
    let mut heap = Heap::new(Parts::new(1 << 20, 1008, 4096));
    let mut model = Model::default();
    for power in 0..=14 {
        for size in [1, 7, 24, 1000] {
            let layout = Layout::from_size_align(size, 1 << power).unwrap();
            let address = heap.allocate(layout);
            model.fill(address, layout, power);
            let address = heap.allocate(Layout::from_size_align(1, 1).unwrap());
            model.fill(address, Layout::from_size_align(1, 1).unwrap(), power);
        }
    }
    free_all(&mut heap, &mut model);
}

#[test]
fn the_last_block_grows_where_it_is() {
    let mut heap = Heap::new(Parts::new(1 << 20, 1008, 4096));
    let mut layout = Layout::from_size_align(10, 1).unwrap();
    let address = heap.allocate(layout);
    while layout.size() < 500_000 {
        let bytes = layout.size() * 2;
        assert_eq!(unsafe { heap.resize(address, layout, bytes) }, address);
        layout = Layout::from_size_align(bytes, 1).unwrap();
    }
    assert!(heap.source.given < layout.size() + 2 * 4096);
}

#[test]
fn memory_that_was_freed_is_used_before_more_is_asked_for() {
    let mut heap = Heap::new(Parts::new(1 << 20, 16_000, 4096));
    let layout = |bytes| Layout::from_size_align(bytes, 8).unwrap();
    for _ in 0..1000 {
        let blocks = [9000, 300, 4000].map(|bytes| heap.allocate(layout(bytes)));
        for block in blocks {
            assert_ne!(block, 0);
            unsafe { heap.free(block) };
        }
    }
    assert_eq!(heap.source.given, 16_000);
}

#[test]
fn every_size_has_a_class_and_larger_ones_no_lesser() {
    let mut last = 0;
    for units in (2..100_000).chain((17..usize::BITS - ALIGN.ilog2()).map(|bits| (1 << bits) - 1)) {
        let class = class(units);
        assert!(class >= last && class < CLASSES, "{units}");
        last = class;
    }
}
