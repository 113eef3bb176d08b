import { RpcStub, RpcTarget } from "cloudflare:workers";
import { area } from "../harness.js";
import { equal, fails, ok, same } from "../check.js";
import { uncloneable, values } from "../values.js";

const { gateway, object } = area("Stubs: RPC");

gateway("rpc.result", "a method called on the stub answers the method's result", async ({ get }) => {
  equal(await get("RPC").sum(2, 3), 5);
});
gateway("rpc.async", "a call has to be awaited even if the method is not async", async ({ get }) => {
  const call = get("RPC").sum(1, 1);
  equal(typeof call.then, "function");
  equal(await call, 2);
});
gateway("rpc.then", "a call has then, catch and finally as a promise has", async ({ get }) => {
  let finished = false;
  equal(await get("RPC").sum(1, 1).then((sum) => sum + 1), 3);
  equal(await get("RPC").fail("Error", "x").catch((error) => error.message), "x");
  await get("RPC").sum(1, 1).finally(() => (finished = true));
  ok(finished);
});
gateway("rpc.async-method", "an async method's result is waited for", async ({ get }) => {
  equal(await get("RPC").later("done", 20), "done");
});
gateway("rpc.nothing", "a method without a result answers undefined", async ({ get }) => {
  equal(await get("RPC").nothing(), undefined);
});
gateway("rpc.arguments", "arguments arrive in order, undefined and null among them", async ({ get }) => {
  same(await get("RPC").kinds(1, undefined, null, "s"), ["Number", "undefined", "null", "String"]);
});
for (const [id, what, make, check, exclude] of values) {
  if (exclude === "not-rpc") continue;
  gateway(`rpc.value.${id}`, `RPC passes ${what} there and back`, async ({ shared }) => {
    const value = make();
    check(await shared("RPC").echo(value), value);
  });
}
for (const [id, what, make] of uncloneable.filter(([id]) => ["symbols", "weak-maps"].includes(id))) {
  gateway(`rpc.refused.${id}`, `${what} cannot be passed by RPC: DataCloneError`, async ({ get }) => {
    await fails(() => get("RPC").echo(make()), "DataCloneError");
  });
}
gateway("rpc.class", "an instance of a class that is no RpcTarget cannot be an argument", async ({ get }) => {
  class Custom {}
  await fails(() => get("RPC").echo(new Custom()), "DataCloneError");
});
gateway("rpc.class.result", "an instance of a class that is no RpcTarget cannot be a result", async ({ get }) => {
  await fails(() => get("RPC").unsendable(), "DataCloneError");
});
gateway("rpc.by-value", "arguments are copies", async ({ get }) => {
  const list = [1];
  equal(await get("RPC").mutate(list), 2);
  same(list, [1]);
});
gateway("rpc.this", "a method runs with the object as this", async ({ get }) => {
  equal((await get("RPC").whoAmI()).isThis, true);
});
gateway("rpc.state", "an object keeps its memory from call to call", async ({ get }) => {
  await get("RPC").increment(2);
  await get("RPC").increment(3);
  equal(await get("RPC").increment(0), 5);
});
gateway("rpc.throws", "an error that a method throws arrives with its message", async ({ get }) => {
  const error = await fails(() => get("RPC").fail("Error", "the reason"), "Error", /^the reason$/);
  ok(error instanceof Error);
});
gateway("rpc.throws.kind", "a TypeError arrives as a TypeError, a RangeError as a RangeError", async ({ get }) => {
  ok((await fails(() => get("RPC").fail("TypeError", "t"))) instanceof TypeError);
  ok((await fails(() => get("RPC").fail("RangeError", "r"))) instanceof RangeError);
});
gateway("rpc.throws.later", "an error of an async method arrives, too", async ({ get }) => {
  await fails(() => get("RPC").failLater("late"), "Error", /^late$/);
});
gateway("rpc.throws.remote", "an error thrown by the object has remote set", async ({ get }) => {
  equal((await fails(() => get("RPC").fail("Error", "x"))).remote, true);
});
gateway("rpc.throws.properties", "an error arrives with what was written on it", async ({ get }) => {
  const error = await fails(() => get("RPC").failRichly(), "RangeError", /^rich$/);
  equal(error.status, 418);
  equal(error.details.list[0], 1);
  equal(error.details.list[1].getTime(), 5);
});
gateway("rpc.throws.cause", "an error arrives with its cause", async ({ get }) => {
  const { cause } = await fails(() => get("RPC").failRichly(), "RangeError");
  ok(cause instanceof TypeError);
  equal(cause.message, "deep");
});
gateway("rpc.throws.aggregate", "an AggregateError arrives with its errors", async ({ get }) => {
  const error = await fails(() => get("RPC").failAll(), "AggregateError", /^all of it$/);
  equal(error.errors.length, 1);
  ok(error.errors[0] instanceof RangeError);
});
gateway("rpc.throws.dom", "a DOMException arrives as one", async ({ get }) => {
  ok((await fails(() => get("RPC").failDom(), "AbortError", /^stopped$/)) instanceof DOMException);
});
gateway("rpc.many", "a thousand calls can be under way at once", async ({ get }) => {
  const stub = get("RPC");
  const wanted = Array.from({ length: 1000 }, (_, at) => at);
  same(await Promise.all(wanted.map((at) => stub.echo(at))), wanted);
});
gateway("rpc.goes-at-once", "what is passed is copied when the call is made, however many are under way", async ({ get }) => {
  const stub = get("RPC");
  const list = [];
  const calls = Array.from({ length: 400 }, (_, at) => (list.push(at), stub.echo(list)));
  same((await Promise.all(calls)).map(({ length }) => length), calls.map((_, at) => at + 1));
});
gateway("rpc.throws.goes-on", "after an error the object goes on with its memory", async ({ get }) => {
  await get("RPC").increment(4);
  await fails(() => get("RPC").fail("Error", "x"));
  equal(await get("RPC").increment(0), 4);
});
gateway("rpc.missing", "a method that is not there is a TypeError that names it", async ({ get }) => {
  await fails(() => get("RPC").noSuchMethod(), "TypeError", /noSuchMethod/);
});
gateway("rpc.private", "a private method cannot be called from outside", async ({ get }) => {
  await fails(() => get("RPC")["#secret"](), "TypeError");
  equal(await get("RPC").hasSecret(), "secret");
});
gateway("rpc.instance-property", "what is a property of the instance is not for others", async ({ get }) => {
  await fails(async () => await get("RPC").own, "TypeError");
  await fails(() => get("RPC").log(), "TypeError");
});
gateway("rpc.ctx", "ctx and env of the object are not for others", async ({ get }) => {
  await fails(async () => await get("RPC").ctx, "TypeError");
  await fails(async () => await get("RPC").env, "TypeError");
});
gateway("rpc.getter", "a getter of the class can be read by awaiting it", async ({ get }) => {
  await get("RPC").increment(9);
  equal(await get("RPC").total, 9);
});
gateway("rpc.order", "calls through one stub are made in order", async ({ get }) => {
  const stub = get("RPC");
  const wanted = Array.from({ length: 30 }, (_, at) => at);
  same(await Promise.all(wanted.map((at) => stub.noteLater(at))), wanted);
  same(await stub.notes(), wanted);
});
gateway("rpc.concurrent", "calls that wait do not hold up each other", async ({ get }) => {
  const stub = get("RPC");
  const began = Date.now();
  await Promise.all(Array.from({ length: 10 }, () => stub.later(1, 500)));
  ok(Date.now() - began < 4000, `${Date.now() - began} ms`);
});
gateway("rpc.hundred", "a hundred increments at a time count to a hundred", async ({ get }) => {
  const stub = get("RPC");
  const answers = await Promise.all(Array.from({ length: 100 }, () => stub.increment()));
  same(answers, Array.from({ length: 100 }, (_, at) => at + 1));
});
gateway("rpc.stubs", "two stubs for one id lead to one object", async ({ get }) => {
  await get("RPC").increment();
  equal(await get("RPC").increment(), 2);
});
gateway("rpc.object-to-object", "an object can call methods of an object of another class", async ({ get, name }) => {
  equal(await get("RPC").callOther(name, "this"), "other got this");
});
gateway("rpc.self", "an object can call itself through a stub", async ({ get }) => {
  equal(await get("RPC").callSelf("me"), "me");
});
gateway("rpc.chain", "calls go from object to object, ten deep", async ({ get, name }) => {
  same(await get("RPC").chain(name, 10), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 64]);
});
gateway("rpc.large", "a megabyte goes there and back", async ({ get }) => {
  const answer = await get("RPC").echo(new Uint8Array(1000000).fill(3));
  equal(answer.length, 1000000);
  equal(answer[999999], 3);
});
gateway("rpc.function-argument", "a function as an argument can be called back by the object", async ({ get }) => {
  equal(await get("RPC").callBack((n) => n * 10, 4), 41);
});
gateway("rpc.function-result", "a function as a result can be called by the caller", async ({ get }) => {
  const double = await get("RPC").function();
  equal(await double(21), 42);
});
gateway("rpc.target", "an RpcTarget as a result is a stub with its methods and its state", async ({ get }) => {
  const tally = await get("RPC").tally();
  equal(await tally.add(2), 2);
  equal(await tally.add(3), 5);
  equal(await tally.count, 5);
});
gateway("rpc.target-argument", "an RpcTarget as an argument can be called by the object", async ({ get }) => {
  class Caller extends RpcTarget {
    times(n) {
      return n * 7;
    }
  }
  const stub = get("RPC");
  ok(await stub.kinds(new Caller()));
});
gateway("rpc.pipelining", "a method can be called on a result that has not arrived", async ({ get }) => {
  equal(await get("RPC").tally().add(8), 8);
});
gateway("rpc.pipelining-property", "a field can be read of a result that has not arrived", async ({ get }) => {
  equal(await get("RPC").box().inner.value, 42);
});
gateway("rpc.pipelining.shared", "a result that has not arrived and the result are one", async ({ get }) => {
  const tally = get("RPC").tally();
  equal(await tally.add(1), 1);
  equal(await tally.add(1), 2);
  equal(await (await tally).count, 2);
});
gateway("rpc.pipelining.error", "a member that a result lacks is a TypeError", async ({ get }) => {
  await fails(() => get("RPC").tally().missing(), "TypeError", /missing/);
});
gateway("rpc.pipelining.throws", "what is called on a result fails with the error of the call that failed", async ({ get }) => {
  await fails(() => get("RPC").fail("RangeError", "first").add(1), "RangeError", /first/);
});
gateway("rpc.target.state", "an RpcTarget as an argument stays where it is", async ({ get }) => {
  class Counter extends RpcTarget {
    count = 0;
    add(by) {
      return (this.count += by);
    }
  }
  const counter = new Counter();
  equal(await get("RPC").countUp(counter, 5), 5);
  equal(counter.count, 5);
});
gateway("rpc.target.own", "what is a property of an RpcTarget's instance is not for others", async ({ get }) => {
  class Holder extends RpcTarget {
    add = 5;
  }
  await fails(() => get("RPC").countUp(new Holder(), 1), "TypeError");
});
gateway("rpc.function.nested", "functions and RpcTargets arrive within a value", async ({ get }) => {
  const { tally, list } = await get("RPC").nest();
  equal(await tally.add(3), 3);
  equal(await list[0](1), 2);
});
gateway("rpc.function.error", "an error of a function arrives where it was called", async ({ get }) => {
  const breaking = await get("RPC").breaking();
  await fails(() => breaking(), "RangeError", /inside the function/);
  await fails(() => get("RPC").callBack(() => {
    throw new RangeError("mine");
  }, 1), "RangeError", /mine/);
});
gateway("rpc.function.dup", "dup keeps a function that was an argument beyond its call", async ({ get }) => {
  const stub = get("RPC");
  let sum = 0;
  await stub.keep((n) => (sum += n));
  await stub.useKept(2);
  equal(await stub.useKept(3), 5);
});
gateway("rpc.function.passed-on", "a function of one object can be an argument of another", async ({ get }) => {
  const double = await get("RPC").function();
  equal(await get("RPC", " other").callBack(double, 4), 9);
});
gateway("rpc.headers", "Headers can be a result", async ({ get }) => {
  const headers = await get("RPC").headers();
  ok(headers instanceof Headers);
  equal(headers.get("x-kind"), "rpc");
});
gateway("rpc.response.echo", "a Response goes there and back, within a value", async ({ get }) => {
  const { answer } = await get("RPC").echo({ answer: new Response("body", { status: 202 }) });
  equal(answer.status, 202);
  equal(await answer.text(), "body");
});
gateway("rpc.response", "a Response can be a result", async ({ get }) => {
  const response = await get("RPC").response();
  ok(response instanceof Response);
  equal(response.status, 201);
  equal(response.headers.get("x-kind"), "rpc");
  equal(await response.text(), "from a method");
});
gateway("rpc.request", "a Request can be an argument", async ({ get }) => {
  equal(await get("RPC").requestBody(new Request("http://x/path", { method: "POST", body: "abc" })), "POST /path abc");
});
gateway("rpc.stream", "a stream of bytes can be a result", async ({ get }) => {
  equal(await new Response(await get("RPC").stream()).text(), "streamed bytes");
});
object("rpc.from-object", "an error of another object arrives in an object", async ({ env, ctx }) => {
  const stub = env.RPC.get(env.RPC.idFromName(ctx.id.toString()));
  await fails(() => stub.fail("RangeError", "far"), "RangeError", /^far$/);
});

class Adder extends RpcTarget {
  sum = 0;
  add(by) {
    return (this.sum += by);
  }
}
gateway("rpc.stub.made", "new RpcStub makes a stub of a target that is here", async () => {
  const stub = new RpcStub(new Adder());
  equal(await stub.add(2), 2);
  equal(await stub.dup().add(3), 5);
  ok(stub instanceof RpcStub);
});
gateway("rpc.stub.function", "new RpcStub makes a stub of a function that is here", async () => {
  equal(await new RpcStub((x) => x * 2)(21), 42);
});
gateway("rpc.stub.passed", "a stub that was made here is called from there", async ({ get }) => {
  equal(await get("RPC").callWith(new RpcStub((x) => x + 1), 4), 5);
});
gateway("rpc.stub.disposed", "a stub that is disposed of while its call is on the way still arrives", async ({ get }) => {
  const stub = new RpcStub((x) => x + 1);
  const answer = get("RPC").callWith(stub, 6);
  stub[Symbol.dispose]();
  equal(await answer, 7);
});
gateway("rpc.writable", "a WritableStream is passed by RPC and written to from there", async ({ get }) => {
  const { readable, writable } = new TransformStream();
  const text = new Response(readable).text();
  equal(await get("RPC").writeTo(writable, "drop by drop"), "written");
  equal(await text, "drop by drop");
});
