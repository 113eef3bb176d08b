import { area } from "../harness.js";
import { equal, fails, ok, same } from "../check.js";

const { gateway } = area("Streams", "web");

const counting = (to, strategy) => {
  let next = 1;
  return new ReadableStream({
    pull(controller) {
      if (next > to) controller.close();
      else controller.enqueue(next++);
    },
  }, strategy);
};
const all = async (stream) => {
  const list = [];
  for await (const each of stream) list.push(each);
  return list;
};

gateway("streams.read", "a reader gets what the source enqueues, then the end", async () => {
  const reader = counting(2).getReader();
  same([await reader.read(), await reader.read()], [{ done: false, value: 1 }, { done: false, value: 2 }]);
  equal((await reader.read()).done, true);
  await reader.closed;
});
gateway("streams.iterate", "a stream can be iterated", async () => {
  same(await all(counting(3)), [1, 2, 3]);
});
gateway("streams.from", "ReadableStream.from makes a stream of an iterable", async () => {
  same(await all(ReadableStream.from(["a", "b"])), ["a", "b"]);
});
gateway("streams.locked", "a stream with a reader is locked, until the reader lets go", async () => {
  const stream = counting(3);
  const reader = stream.getReader();
  equal(stream.locked, true);
  await fails(() => stream.getReader(), "TypeError");
  await reader.read();
  reader.releaseLock();
  equal(stream.locked, false);
  same(await all(stream), [2, 3]);
});
gateway("streams.error", "an error of the source comes to the reader", async () => {
  const stream = new ReadableStream({
    start(controller) {
      controller.error(new RangeError("bad source"));
    },
  });
  await fails(() => stream.getReader().read(), "RangeError", /bad source/);
});
gateway("streams.pull-error", "an exception in pull comes to the reader", async () => {
  const stream = new ReadableStream({
    pull() {
      throw new RangeError("pull failed");
    },
  });
  await fails(() => stream.getReader().read(), "RangeError");
});
gateway("streams.cancel", "cancel tells the source why", async () => {
  let why;
  const stream = new ReadableStream({
    cancel(reason) {
      why = reason;
    },
  });
  await stream.cancel("enough");
  equal(why, "enough");
});
gateway("streams.break", "leaving an iteration cancels the stream", async () => {
  let cancelled = false;
  const stream = new ReadableStream({
    pull: (controller) => controller.enqueue(1),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const each of stream) if (each) break;
  ok(cancelled);
});
gateway("streams.closed-enqueue", "enqueue after close is a TypeError", async () => {
  let controls;
  new ReadableStream({
    start(controller) {
      controls = controller;
    },
  });
  controls.close();
  await fails(() => controls.enqueue(1), "TypeError");
});
gateway("streams.back-pressure", "pull is not called before there is room", async () => {
  let pulls = 0;
  new ReadableStream({
    pull(controller) {
      pulls++;
      controller.enqueue(pulls);
    },
  }, { highWaterMark: 2 });
  await new Promise((wake) => setTimeout(wake, 10));
  equal(pulls, 2);
});
gateway("streams.tee", "tee gives two streams of the same", async () => {
  const [one, two] = counting(3).tee();
  same([await all(one), await all(two)], [[1, 2, 3], [1, 2, 3]]);
});
gateway("streams.pipe", "pipeTo writes everything and closes", async () => {
  const seen = [];
  let closed = false;
  await counting(3).pipeTo(new WritableStream({
    write: (chunk) => {
      seen.push(chunk);
    },
    close: () => {
      closed = true;
    },
  }));
  same(seen, [1, 2, 3]);
  ok(closed);
});
gateway("streams.pipe-error", "pipeTo fails with the sink's error and cancels the source", async () => {
  let cancelled;
  const source = new ReadableStream({
    pull: (controller) => controller.enqueue(1),
    cancel: (reason) => {
      cancelled = reason;
    },
  });
  const sink = new WritableStream({
    write() {
      throw new RangeError("sink failed");
    },
  });
  await fails(() => source.pipeTo(sink), "RangeError");
  equal(cancelled?.message, "sink failed");
});
gateway("streams.transform", "a TransformStream changes what goes through", async () => {
  const doubled = counting(3).pipeThrough(new TransformStream({
    transform: (chunk, controller) => controller.enqueue(chunk * 2),
    flush: (controller) => controller.enqueue("end"),
  }));
  same(await all(doubled), [2, 4, 6, "end"]);
});
gateway("streams.identity", "a TransformStream without functions passes everything on", async () => {
  same(await all(counting(2).pipeThrough(new TransformStream())), [1, 2]);
});
gateway("streams.writer", "a writer writes in order and closes", async () => {
  const seen = [];
  const writer = new WritableStream({
    async write(chunk) {
      await new Promise((wake) => setTimeout(wake, 2));
      seen.push(chunk);
    },
  }).getWriter();
  writer.write(1);
  writer.write(2);
  await writer.close();
  same(seen, [1, 2]);
});
gateway("streams.writer-closed", "a write after close fails", async () => {
  const writer = new WritableStream().getWriter();
  await writer.close();
  await fails(() => writer.write(1), "TypeError");
});
gateway("streams.abort", "abort tells the sink why, and fails what follows", async () => {
  let why;
  const writer = new WritableStream({
    abort(reason) {
      why = reason.message;
    },
  }).getWriter();
  await writer.abort(new Error("stopped"));
  equal(why, "stopped");
  await fails(() => writer.write(1));
});
gateway("streams.bytes", "a byte stream fills the reader's own buffer", async () => {
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      controller.enqueue(new Uint8Array([1, 2, 3]));
    },
  });
  const reader = stream.getReader({ mode: "byob" });
  const { done, value } = await reader.read(new Uint8Array(2));
  equal(done, false);
  same(value, new Uint8Array([1, 2]));
  same((await reader.read(new Uint8Array(8))).value[0], 3);
});
gateway("streams.strategies", "the queuing strategies count chunks or bytes", async () => {
  equal(new CountQueuingStrategy({ highWaterMark: 3 }).size("anything"), 1);
  equal(new ByteLengthQueuingStrategy({ highWaterMark: 9 }).size(new Uint8Array(5)), 5);
  equal(new ByteLengthQueuingStrategy({ highWaterMark: 9 }).highWaterMark, 9);
});

gateway("streams.identity-transform", "IdentityTransformStream lets bytes pass", async () => {
  const { readable, writable } = new IdentityTransformStream();
  const text = new Response(readable).text();
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode("as it was"));
  await writer.close();
  equal(await text, "as it was");
});
gateway("streams.fixed", "FixedLengthStream lets as many bytes pass as it was made for", async () => {
  const { readable, writable } = new FixedLengthStream(2);
  const text = new Response(readable).text();
  const writer = writable.getWriter();
  await writer.write(new TextEncoder().encode("ab"));
  await writer.close();
  equal(await text, "ab");
});
