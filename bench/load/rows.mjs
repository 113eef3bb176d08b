// What is compared, in the order of the table, and what is asked of it. A row has an id, a label, the
// number that it is about (`of`), the unit of that, and whether more of it is better.
//
// Bars are what we set ourselves: `versus` another subject of the row, at least so many times as good,
// or `atMost` so much. `dream` is what we would like.

const perSecond = { of: "rate", unit: "/s", more: true };
const millis = (of) => ({ of, unit: "ms", more: false });
const kilobytes = { of: "kilobytes", unit: "KB", more: false };
const workerd = (bar, dream) => ({ versus: "workerd", bar, dream });
const sameWasm = { versus: "V8, same Wasm", bar: 1 / 6 };

export const ROWS = [
  { id: "memory-1", label: "in memory, one actor", ...perSecond, bars: [workerd(6, 10), { versus: "plain handler", bar: 0.6 }] },
  { id: "memory-1000", label: "in memory, 1,000 actors", ...perSecond },
  { id: "memory-20000", label: "in memory, 20,000 actors, waking included", ...perSecond },
  { id: "durable-1", label: "durable, one actor", ...perSecond, bars: [workerd(5, 15)] },
  { id: "durable-1000", label: "durable, 1,000 actors", ...perSecond, bars: [workerd(10, 25)] },
  { id: "read-1", label: "storage read, one actor", ...perSecond, bars: [workerd(6)] },
  { id: "echo-1", label: "WebSocket echo, 16 clients of one actor", ...perSecond, bars: [workerd(3)] },
  { id: "echo-16", label: "WebSocket echo, 16 clients of 16 actors", ...perSecond, bars: [workerd(3)] },
  { id: "fanout", label: "WebSocket fan-out to 1,000, deliveries", ...perSecond, bars: [workerd(3)] },
  { id: "alarms", label: "alarms due at the same moment, until all have fired", ...millis("max") },
  { id: "open-memory-1", label: "in memory, one actor, p99 at 70 % of its own saturation", ...millis("p99") },
  { id: "open-durable-1", label: "durable, one actor, p99 at 70 % of its own saturation", ...millis("p99"), bars: [{ atMost: 10 }] },
  { id: "open-durable-1000", label: "durable, 1,000 actors, p99 at 70 % of its own saturation", ...millis("p99"), bars: [{ atMost: 10 }] },
  { id: "wake-rust", label: "first request to a sleeping actor, p50", ...millis("p50"), bars: [{ atMost: 2 }] },
  { id: "footprint-rust-rest", label: "memory of an awake actor, at rest", ...kilobytes, bars: [{ atMost: 100 }] },
  { id: "footprint-rust", label: "memory of an awake actor, in use", ...kilobytes, bars: [{ atMost: 100 }] },
  { id: "footprint-socket", label: "memory of a sleeping actor with an open WebSocket", ...kilobytes, bars: [{ atMost: 12 }] },
  { id: "start", label: "start of the server to the first answer of an actor", ...millis("p50"), bars: [{ atMost: 1000 }] },
  { id: "js-upload", label: "JavaScript: script to first answer", ...millis("p50") },
  { id: "js-memory-1", label: "JavaScript: in memory, one actor", ...perSecond, bars: [workerd(1)] },
  { id: "js-durable-1", label: "JavaScript: durable, one actor", ...perSecond, bars: [workerd(3)] },
  { id: "js-echo-1", label: "JavaScript: WebSocket echo, 16 clients of one actor", ...perSecond },
  { id: "js-fib", label: "JavaScript: fib(24), one client", ...millis("p50"), bars: [sameWasm] },
  { id: "js-json", label: "JavaScript: JSON of 10 KB there and back, one client", ...millis("p50"), bars: [sameWasm] },
  { id: "js-text", label: "JavaScript: building a string, one client", ...millis("p50"), bars: [sameWasm] },
  { id: "wake-js", label: "JavaScript: first request to a sleeping actor, p50", ...millis("p50"), bars: [{ atMost: 5 }] },
  { id: "footprint-js-rest", label: "JavaScript: memory of an awake actor, at rest", ...kilobytes, bars: [{ atMost: 1500 }] },
  { id: "footprint-js", label: "JavaScript: memory of an awake actor, in use", ...kilobytes, bars: [{ atMost: 1500 }] },
];

/** The one that all others are compared with. */
export const PEER = "workerd";

/** How many times as good as `other` a subject is, or undefined where one of them was not measured, or was too small for it. */
export function ratio(row, found, subject, other = PEER) {
  const mine = found[subject]?.[row.of];
  const theirs = found[other]?.[row.of];
  if (!(mine > 0 && theirs > 0)) return undefined;
  return row.more ? mine / theirs : theirs / mine;
}

/** The bars of a row with what a subject reached. */
export function judge(row, found, subject) {
  return (row.bars ?? []).map((bar) => {
    const reached = bar.atMost === undefined ? ratio(row, found, subject, bar.versus) : found[subject]?.[row.of];
    return { ...bar, reached, met: reached !== undefined && (bar.atMost === undefined ? reached >= bar.bar : reached <= bar.atMost) };
  });
}
