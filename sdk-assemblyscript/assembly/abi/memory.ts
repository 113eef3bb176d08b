/**
 * How values cross the boundary. What the host hands over lies in blocks of the unmanaged heap that
 * it got from cabi_realloc; each `take` function copies such a block into a managed object and frees
 * it. What the guest hands over stays in managed buffers for the length of one call: the collector
 * never moves an object, and the host only ever allocates unmanaged memory.
 */

/** Where imports leave results that do not fit one flat value: at most 20 bytes. */
export const RET: usize = memory.data(20, 8);

/** Empty, so that it can be shared. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Small blocks come from an arena of this size, which starts anew when the last of them is released. */
const ARENA_BYTES: usize = 4096;
const SMALL_BYTES: usize = 512;

let arena: usize = 0;
let arenaTop: usize = 0;
let arenaBlocks: i32 = 0;

/** The allocator that the host calls for what it hands to the guest. */
export function cabi_realloc(oldPointer: usize, oldSize: usize, align: usize, newSize: usize): usize {
  if (newSize == 0) {
    if (oldSize != 0) release(oldPointer);
    return align;
  }
  if (oldSize == 0) return allocate(newSize);
  if (oldPointer - arena >= ARENA_BYTES) return heap.realloc(oldPointer, newSize);
  const moved = allocate(newSize);
  memory.copy(moved, oldPointer, min(oldSize, newSize));
  release(oldPointer);
  return moved;
}

/** A block aligned to 8 at least, which is all that the contract's types ask for. */
function allocate(size: usize): usize {
  const rounded = (size + 7) & ~7;
  if (size > SMALL_BYTES || arenaTop + rounded > ARENA_BYTES) return heap.alloc(size);
  if (arena == 0) arena = heap.alloc(ARENA_BYTES);
  const pointer = arena + arenaTop;
  arenaTop += rounded;
  arenaBlocks++;
  return pointer;
}

/** Gives back a block that cabi_realloc gave out. */
export function release(pointer: usize): void {
  // One comparison: what lies before the arena wraps around to a large number.
  if (pointer - arena >= ARENA_BYTES) {
    heap.free(pointer);
  } else if (--arenaBlocks == 0) {
    arenaTop = 0;
  }
}

/** UTF-8 of a string; a lone surrogate becomes U+FFFD, so that the bytes are always valid. */
export function utf8(text: string): ArrayBuffer {
  return String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
}

@inline
export function pointerOf(buffer: ArrayBuffer): usize {
  return changetype<usize>(buffer);
}

/** The string of UTF-8 bytes. What is all ASCII, as most is, is widened four bytes at a time. */
export function decode(pointer: usize, length: i32): string {
  const end = pointer + length;
  let at = pointer;
  while (at + 4 <= end && (load<u32>(at) & 0x80808080) == 0) at += 4;
  while (at < end && load<u8>(at) < 0x80) at++;
  if (at != end) return String.UTF8.decodeUnsafe(pointer, length);
  const text = changetype<string>(__new(<usize>length << 1, idof<string>()));
  let to = changetype<usize>(text);
  at = pointer;
  for (; at + 4 <= end; at += 4, to += 8) {
    const four = <u64>load<u32>(at);
    const two = (four | (four << 16)) & 0x0000ffff0000ffff;
    store<u64>(to, (two | (two << 8)) & 0x00ff00ff00ff00ff);
  }
  for (; at < end; at++, to += 2) store<u16>(to, load<u8>(at));
  return text;
}

export function takeString(pointer: usize, length: i32): string {
  if (length == 0) return "";
  const text = decode(pointer, length);
  release(pointer);
  return text;
}

export function takeBytes(pointer: usize, length: i32): Uint8Array {
  if (length == 0) return NO_BYTES;
  const bytes = new Uint8Array(length);
  memory.copy(bytes.dataStart, pointer, length);
  release(pointer);
  return bytes;
}

/** The string whose pointer and length the last import left at RET. */
export function takeReturnedString(): string {
  return takeString(load<usize>(RET), load<i32>(RET, 4));
}

/** The `option<list<u8>>` that the last import left at RET. */
export function takeReturnedBytes(): Uint8Array | null {
  if (load<u8>(RET) == 0) return null;
  return takeBytes(load<usize>(RET, 4), load<i32>(RET, 8));
}

/** The `list<string>` that the last import left at RET. */
export function takeReturnedStrings(): string[] {
  const table = load<usize>(RET);
  const count = load<i32>(RET, 4);
  const strings = new Array<string>(count);
  for (let i = 0; i < count; i++) {
    const at = table + (<usize>i << 3);
    strings[i] = takeString(load<usize>(at), load<i32>(at, 4));
  }
  if (count != 0) release(table);
  return strings;
}

/** A `list<string>` in one unmanaged block, to be freed after the call. */
export function lowerStrings(strings: string[]): usize {
  const count = strings.length;
  if (count == 0) return 0;
  let size: usize = <usize>count << 3;
  for (let i = 0; i < count; i++) size += <usize>String.UTF8.byteLength(strings[i]);
  const table = heap.alloc(size);
  let at = table + (<usize>count << 3);
  for (let i = 0; i < count; i++) {
    const text = strings[i];
    const length = String.UTF8.encodeUnsafe(
      changetype<usize>(text), text.length, at, false, String.UTF8.ErrorMode.REPLACE
    );
    store<usize>(table + (<usize>i << 3), at);
    store<i32>(table + (<usize>i << 3), <i32>length, 4);
    at += length;
  }
  return table;
}

export function freeLowered(table: usize): void {
  if (table != 0) heap.free(table);
}
