/**
 * How memory is laid out. The first megabyte of the module is the stack that QuickJS was linked with,
 * growing down from its end. Two pages of it stay the stack, and deep calls get more from the heap
 * (see build.mjs). The first page is the glue's: its static data first, then the two areas here.
 * What lies between is given to the heap.
 */
import { free, JS_GetGCThreshold, JS_RunGC, JS_SetGCThreshold, JS_SetInterruptHandler, JS_SetMemoryLimit, malloc, realloc, rt } from "./quickjs";

/** Where the areas lie; the build asserts that the static data ends before them. */
const ARENA: usize = 0x8000;
const ARENA_BYTES: usize = 0x4000;
const OUT: usize = 0xc000;
const OUT_BYTES: usize = 0x4000;
const LOW_FIRST_PAGE = 1;
/** What the area of what is written has when it moves, at least. */
const OUT_MOVED_BYTES: usize = 0x10000;
const LOW_END_PAGE = 14;
const SMALL_BYTES: usize = 4096;

/** Set aside in the heap so that there is room to tell of an exhausted memory. */
const SPARE_BYTES: usize = 32 * 1024;

/**
 * What JavaScript does not get of the memory that the actor may have: for the glue, the stack, and what the
 * host hands over. An eighth, within these bounds.
 */
const LEAST_KEPT: u64 = 768 * 1024;
const MOST_KEPT: u64 = 8 * 1024 * 1024;

/** Where imports and QuickJS leave what they answer: used at once, never across a call. */
export const RET: usize = memory.data(64, 8);

/** While the build lays the heap out: the next page of the low ones, and of those at the end. */
let nextLowPage = 0;
let nextPage = 0;

/** The pages that malloc asks for: the first of so many new ones, or -1. */
export function more_pages(count: i32): i32 {
  let first: i32;
  if (nextLowPage != 0) {
    first = nextLowPage;
    if (first + count > LOW_END_PAGE) return -1;
    nextLowPage = first + count;
  } else if (nextPage != 0) {
    first = nextPage;
    nextPage += count;
  } else {
    first = memory.grow(count);
  }
  return first;
}

/**
 * For the build: gives the low pages to the heap, by allocating all of them at once and freeing that. From
 * then on, and until the snapshot is taken, the heap grows into pages that are there already.
 */
export function layOut(): bool {
  nextPage = memory.size();
  nextLowPage = LOW_FIRST_PAGE;
  const block = malloc(((LOW_END_PAGE - LOW_FIRST_PAGE) << 16) - 4096);
  const last = nextLowPage;
  nextLowPage = 0;
  if (block == 0) return false;
  free(block);
  return last == LOW_END_PAGE;
}

/** For the build: how many pages the snapshot has; malloc asks the host for more from now on. */
export function heapPages(): i32 {
  const pages = nextPage;
  nextPage = 0;
  return pages;
}

let arenaTop: usize = 0;
let arenaBlocks: i32 = 0;
let spare: usize = 0;

/** Stands for a block that there is no memory for: the host leaves out what belongs there. */
export const REFUSED: usize = <usize>-1;

/** The allocator that the host calls for what it hands over. Small blocks live for a moment only. */
export function cabi_realloc(oldPointer: usize, oldSize: usize, align: usize, newSize: usize): usize {
  if (oldSize != 0) {
    const moved = cabi_realloc(0, 0, align, newSize);
    if (moved == REFUSED) return REFUSED;
    memory.copy(moved, oldPointer, min(oldSize, newSize));
    release(oldPointer);
    return moved;
  }
  if (newSize == 0) return align;
  const rounded = (newSize + 7) & ~7;
  if (newSize <= SMALL_BYTES && arenaTop + rounded <= ARENA_BYTES) {
    const block = ARENA + arenaTop;
    arenaTop += rounded;
    arenaBlocks++;
    return block;
  }
  let block = malloc(newSize);
  if (block == 0 && newSize <= SPARE_BYTES / 2) {
    spendSpare();
    block = malloc(newSize);
  }
  return block == 0 ? REFUSED : block;
}

/** Gives back a block that cabi_realloc gave out for more than 0 bytes. */
export function release(block: usize): void {
  if (block == REFUSED) return;
  if (block - ARENA >= ARENA_BYTES) {
    free(block);
  } else if (--arenaBlocks == 0) {
    arenaTop = 0;
  }
}

// ---- JavaScript's limit.

/** What JavaScript may use, and what is kept back beyond; 0 while the snapshot is made. */
let limit: usize = 0;
let kept: usize = 0;

/**
 * The limit of this turn: where what is in use comes near to the limit or is beyond, a little more, so that
 * the actor can still answer, or let things go.
 */
let turnLimit: usize = 0;

/** Whether errors are being told of, which may take of what is kept back until the turn is over. */
let isOpen: bool = false;

/** Where QuickJS counts the bytes that it uses, in JSRuntime; the build asserts it. */
const USED: usize = 24;

// @ts-ignore
@inline function used(): usize {
  return load<usize>(rt + USED);
}

/** Gives JavaScript its limit, below that of the actor's memory. */
export function limitMemory(bytes: u64): void {
  const most = min<u64>(bytes, 0xffff0000);
  kept = <usize>min(min(max(most >> 3, LEAST_KEPT), MOST_KEPT), most >> 1);
  limit = <usize>most - kept;
  closeReserve();
  JS_SetInterruptHandler(rt, watch.index, 0);
}

/** QuickJS makes the error of an exhausted memory, or the stack of any: for as long it may use more. */
export function room_for_error(isMade: i32): void {
  if (limit != 0 && !isOpen) JS_SetMemoryLimit(rt, isMade != 0 ? turnLimit + (kept >> 2) : turnLimit);
}

/** QuickJS is about to throw that an allocation has failed. */
export function out_of_memory(): void {
  spendSpare();
}

/** Until the turn is over, there is more memory: to tell of an error. */
export function openReserve(): void {
  spendSpare();
  isOpen = true;
  if (limit != 0) JS_SetMemoryLimit(rt, limit + (kept >> 1) + (kept >> 2));
}

/** At the end of a turn: keeps back again what may have been used to tell of errors. */
export function closeReserve(): void {
  if (spare == 0) spare = malloc(SPARE_BYTES);
  isOpen = false;
  if (limit == 0) return;
  turnLimit = max(limit, min(used() + (kept >> 4), limit + (kept >> 2)));
  JS_SetMemoryLimit(rt, turnLimit);
  watch(0, 0);
}

/**
 * For the build: collects what is garbage, and lets an instance collect next when it uses half as much again, as
 * QuickJS does after each collection of its own. So when that is does not depend on how the snapshot was made.
 */
export function collectAll(): void {
  JS_RunGC(rt);
  JS_SetGCThreshold(rt, used() + (used() >> 1));
}

/** Before a turn: an actor that has filled its memory up so far that it cannot run starts anew. */
export function requireRoom(): void {
  if (limit == 0 || used() <= limit) return;
  JS_RunGC(rt);
  closeReserve();
  if (used() + (kept >> 5) <= turnLimit) return;
  // The host sees by this why the guest traps.
  memory.grow(0xffff);
  unreachable();
}

function spendSpare(): void {
  if (spare != 0) {
    free(spare);
    spare = 0;
  }
}

/**
 * QuickJS calls this every now and then. It collects garbage when the memory in use has grown by half, so
 * with much in use only beyond the limit: then it is to do so half-way to there, as long as that leaves it
 * enough to do in between.
 */
function watch(runtime: usize, opaque: usize): i32 {
  const threshold = JS_GetGCThreshold(rt);
  if (threshold >= limit) {
    const before = threshold / 3 * 2;
    if (before < limit - (limit >> 4)) JS_SetGCThreshold(rt, before + ((limit - before) >> 1));
  }
  return 0;
}

/**
 * What is written for the host, and by whom it is written last is taken back first. It moves when
 * it grows, so offsets are kept, and pointers made when everything is written.
 */
export let outBase: usize = OUT;
export let outPos: usize = 0;
let outCapacity: usize = OUT_BYTES;

// @ts-ignore
@inline export function outAt(): usize {
  return outBase + outPos;
}

// @ts-ignore
@inline export function outMove(position: usize): void {
  outPos = position;
}

/** Makes room for so many bytes more; false where there is no memory. */
// @ts-ignore
@inline export function room(bytes: usize): bool {
  return outPos + bytes <= outCapacity || growOut(bytes);
}

function growOut(bytes: usize): bool {
  const needed = <u64>outPos + <u64>bytes;
  const wanted = max<u64>(needed + (needed >> 1), OUT_MOVED_BYTES);
  if (wanted > 0x7fff0000) return false;
  let grown = outBase == OUT ? malloc(<usize>wanted) : realloc(outBase, <usize>wanted);
  let capacity = <usize>wanted;
  if (grown == 0) {
    capacity = <usize>needed;
    grown = outBase == OUT ? malloc(capacity) : realloc(outBase, capacity);
    if (grown == 0) return false;
  }
  if (outBase == OUT) memory.copy(grown, OUT, outPos);
  outBase = grown;
  outCapacity = capacity;
  return true;
}

/** Takes back everything written since the position. */
export function outRelease(position: usize): void {
  outPos = position;
  if (position == 0 && outBase != OUT) {
    free(outBase);
    outBase = OUT;
    outCapacity = OUT_BYTES;
  }
}
