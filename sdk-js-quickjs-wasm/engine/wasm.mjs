/** Reading and writing the sections of a WebAssembly module, as far as the build needs it. */

export const CUSTOM = 0, TYPE = 1, IMPORT = 2, FUNCTION = 3, TABLE = 4, MEMORY = 5, GLOBAL = 6, EXPORT = 7, START = 8, ELEMENT = 9,
  CODE = 10, DATA = 11, DATA_COUNT = 12;

const I32 = 0x7f, I64 = 0x7e, F32 = 0x7d, F64 = 0x7c;
const KINDS = ["function", "table", "memory", "global"];

export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  unsigned() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  take(length) {
    return this.bytes.subarray(this.at, (this.at += length));
  }

  name() {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }
}

export function unsigned(value) {
  const bytes = [];
  do {
    const more = value > 0x7f;
    bytes.push((value % 128) | (more ? 0x80 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return bytes;
}

function signed(value) {
  const bytes = [];
  for (;;) {
    const byte = Number(BigInt.asUintN(7, value));
    value >>= 7n;
    if ((value === 0n && !(byte & 0x40)) || (value === -1n && byte & 0x40)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
}

export function sections(bytes) {
  const reader = new Reader(bytes, 8);
  const found = [];
  while (reader.at < bytes.length) {
    const id = reader.byte();
    found.push({ id, content: reader.take(reader.unsigned()) });
  }
  return found;
}

export function assemble(list) {
  const parts = [Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)];
  for (const { id, content } of list) parts.push(Uint8Array.from([id, ...unsigned(content.length)]), content);
  return Buffer.concat(parts);
}

/** The module with a custom section at its end. */
export function withCustomSection(module, name, content) {
  const label = new TextEncoder().encode(name);
  return assemble([...sections(module), { id: CUSTOM, content: Buffer.concat([Uint8Array.from(unsigned(label.length)), label, content]) }]);
}

export function readExports(content) {
  const reader = new Reader(content);
  return Array.from({ length: reader.unsigned() }, () => ({ name: reader.name(), kind: KINDS[reader.byte()], index: reader.unsigned() }));
}

export function writeExports(list) {
  const bytes = unsigned(list.length);
  for (const { name, kind, index } of list) {
    const label = new TextEncoder().encode(name);
    bytes.push(...unsigned(label.length), ...label, KINDS.indexOf(kind), ...unsigned(index));
  }
  return Uint8Array.from(bytes);
}

/** The module's own globals: type, whether they change, and the bytes of what they start with. */
export function readGlobals(content) {
  const reader = new Reader(content);
  return Array.from({ length: reader.unsigned() }, () => {
    const type = reader.byte();
    const mutable = reader.byte() === 1;
    const from = reader.at;
    const opcode = reader.byte();
    if (opcode === 0x41 || opcode === 0x42 || opcode === 0x23) {
      while (reader.byte() >= 0x80);
    } else if (opcode === 0x43) {
      reader.at += 4;
    } else if (opcode === 0x44) {
      reader.at += 8;
    } else {
      throw new Error(`a global starts with opcode ${opcode}, which the build does not know`);
    }
    if (reader.byte() !== 0x0b) throw new Error("a global starts with more than one instruction");
    return { type, mutable, start: content.slice(from, reader.at) };
  });
}

export function writeGlobals(list) {
  return Buffer.concat([Uint8Array.from(unsigned(list.length)), ...list.map((g) => Buffer.concat([Uint8Array.of(g.type, g.mutable ? 1 : 0), g.start]))]);
}

/** The instructions that start a global with a value. */
export function constant(type, value) {
  const bytes = Buffer.alloc(9);
  switch (type) {
    case I32: return Uint8Array.from([0x41, ...signed(BigInt(value)), 0x0b]);
    case I64: return Uint8Array.from([0x42, ...signed(BigInt(value)), 0x0b]);
    case F32: bytes.writeFloatLE(value, 0); return Buffer.concat([Uint8Array.of(0x43), bytes.subarray(0, 4), Uint8Array.of(0x0b)]);
    case F64: bytes.writeDoubleLE(value, 0); return Buffer.concat([Uint8Array.of(0x44), bytes.subarray(0, 8), Uint8Array.of(0x0b)]);
    default: throw new Error(`a global of type ${type} cannot be kept`);
  }
}

/** Active data segments for memory 0, without the zeros in between. */
export function writeData(memory) {
  const GAP = 64;
  const segments = [];
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length >> 3);
  let from = -1, last = -1;
  const close = () => {
    let start = from * 8, end = last * 8 + 8;
    while (memory[start] === 0) start++;
    while (memory[end - 1] === 0) end--;
    segments.push([start, memory.subarray(start, end)]);
  };
  for (let i = 0; i < words.length; i++) {
    if (words[i] === 0n) continue;
    if (from >= 0 && i - last > GAP / 8) {
      close();
      from = -1;
    }
    if (from < 0) from = i;
    last = i;
  }
  if (from >= 0) close();
  const parts = [Uint8Array.from(unsigned(segments.length))];
  for (const [start, bytes] of segments) {
    parts.push(Uint8Array.from([0, 0x41, ...signed(BigInt(start)), 0x0b, ...unsigned(bytes.length)]), bytes);
  }
  return { content: Buffer.concat(parts), count: segments.length };
}
