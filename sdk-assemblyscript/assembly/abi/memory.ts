/**
 * How values cross the boundary. What the host hands over lies in blocks of the unmanaged heap that
 * it got from cabi_realloc; each `take` function copies such a block into a managed object and frees
 * it. What the guest hands over stays in managed buffers for the length of one call: the collector
 * never moves an object, and the host only ever allocates unmanaged memory.
 */

/** Where imports leave results that do not fit one flat value: at most 16 bytes. */
export const RET: usize = memory.data(16, 8);

/** The allocator that the host calls for what it hands to the guest. */
export function cabi_realloc(oldPointer: usize, oldSize: usize, align: usize, newSize: usize): usize {
  if (newSize == 0) {
    if (oldSize != 0) heap.free(oldPointer);
    return align;
  }
  return oldSize == 0 ? heap.alloc(newSize) : heap.realloc(oldPointer, newSize);
}

/** UTF-8 of a string; a lone surrogate becomes U+FFFD, so that the bytes are always valid. */
export function utf8(text: string): ArrayBuffer {
  return String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
}

@inline
export function pointerOf(buffer: ArrayBuffer): usize {
  return changetype<usize>(buffer);
}

export function takeString(pointer: usize, length: i32): string {
  if (length == 0) return "";
  const text = String.UTF8.decodeUnsafe(pointer, length);
  heap.free(pointer);
  return text;
}

export function takeBytes(pointer: usize, length: i32): Uint8Array {
  const bytes = new Uint8Array(length);
  if (length != 0) {
    memory.copy(bytes.dataStart, pointer, length);
    heap.free(pointer);
  }
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
  if (count != 0) heap.free(table);
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
