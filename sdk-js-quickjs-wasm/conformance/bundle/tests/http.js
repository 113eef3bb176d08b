import { area } from "../harness.js";
import { equal, fails, ok, same } from "../check.js";

const headers = area("Headers", "web").gateway;
headers("headers.from", "Headers are made from objects, pairs and Headers", async () => {
  same([
    [...new Headers({ A: "1" })], [...new Headers([["B", "2"]])], [...new Headers(new Headers({ C: "3" }))], [...new Headers()],
  ], [[["a", "1"]], [["b", "2"]], [["c", "3"]], []]);
});
headers("headers.case", "names are compared without case", async () => {
  const list = new Headers({ "Content-Type": "x" });
  equal(list.get("CONTENT-type"), "x");
  ok(list.has("content-TYPE"));
});
headers("headers.order", "entries come in lower case and sorted by name", async () => {
  same([...new Headers([["B", "1"], ["a", "2"], ["C", "3"]])], [["a", "2"], ["b", "1"], ["c", "3"]]);
});
headers("headers.append", "values of one name are joined by a comma and a blank", async () => {
  const list = new Headers({ a: "1" });
  list.append("A", "2");
  equal(list.get("a"), "1, 2");
});
headers("headers.set", "set replaces all values of a name", async () => {
  const list = new Headers([["a", "1"], ["a", "2"]]);
  list.set("a", "3");
  equal(list.get("a"), "3");
});
headers("headers.absent", "get of an absent name is null", async () => {
  equal(new Headers().get("x"), null);
});
headers("headers.delete", "delete removes all values of a name", async () => {
  const list = new Headers([["a", "1"], ["a", "2"], ["b", "3"]]);
  list.delete("A");
  same([...list.keys()], ["b"]);
});
headers("headers.trim", "blanks around values are dropped", async () => {
  equal(new Headers({ a: " \t x y \r\n" }).get("a"), "x y");
});
headers("headers.bad-name", "names that are no tokens are a TypeError", async () => {
  for (const name of ["a b", "a\n", "a\0"]) await fails(() => new Headers([[name, "x"]]), "TypeError");
  await fails(() => new Headers().get("a b"), "TypeError");
});
headers("headers.bad-value", "values with line ends or NUL are a TypeError", async () => {
  for (const value of ["a\nb", "a\rb", "a\0b"]) await fails(() => new Headers().append("x", value), "TypeError");
});
headers("headers.cookies", "Set-Cookie is not joined", async () => {
  const list = new Headers([["set-cookie", "a=1"], ["Set-Cookie", "b=2"], ["x", "y"]]);
  same(list.getSetCookie(), ["a=1", "b=2"]);
  same([...list], [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x", "y"]]);
});
headers("headers.for-each", "forEach gives value, name and the Headers", async () => {
  const seen = [];
  const list = new Headers({ b: "2", a: "1" });
  list.forEach((value, name, whole) => seen.push([name, value, whole === list]));
  same(seen, [["a", "1", true], ["b", "2", true]]);
});

const messages = area("Request and Response", "web").gateway;
messages("request.defaults", "a Request is a GET without a body", async () => {
  const request = new Request("http://h/x#frag");
  same([request.method, request.url, request.body, request.bodyUsed, request.redirect], ["GET", "http://h/x#frag", null, false, "follow"]);
});
messages("request.method", "the well-known methods are made upper-case", async () => {
  same(["get", "Post", "delete", "PUT"].map((method) => new Request("http://h/", { method }).method), ["GET", "POST", "DELETE", "PUT"]);
});
messages("request.get-body", "a GET or HEAD request with a body is a TypeError", async () => {
  await fails(() => new Request("http://h/", { body: "x" }), "TypeError");
  await fails(() => new Request("http://h/", { method: "HEAD", body: "x" }), "TypeError");
});
messages("request.copy", "a Request made of another takes what is not said anew", async () => {
  const first = new Request("http://h/", { method: "POST", headers: { a: "1" }, body: "x" });
  const second = new Request(first, { headers: { b: "2" } });
  same([second.method, second.headers.get("a"), second.headers.get("b"), await second.text()], ["POST", null, "2", "x"]);
  ok(first.bodyUsed);
});
messages("request.clone", "clone gives a second body", async () => {
  const request = new Request("http://h/", { method: "POST", body: "twice" });
  const copy = request.clone();
  same([await request.text(), await copy.text()], ["twice", "twice"]);
});
messages("request.bad-url", "a Request of what is no URL is a TypeError", async () => {
  await fails(() => new Request("nowhere"), "TypeError");
});
messages("response.defaults", "a Response is 200 without a body", async () => {
  const response = new Response();
  same([response.status, response.ok, response.statusText, response.body, await response.text()], [200, true, "", null, ""]);
});
messages("response.status", "a status outside of 200 to 599 is a RangeError", async () => {
  for (const status of [0, 99, 199, 600, 1000]) await fails(() => new Response("", { status }), "RangeError");
});
messages("response.null-body", "204, 205 and 304 must not have a body", async () => {
  for (const status of [204, 205, 304]) {
    equal(new Response(null, { status }).status, status);
    await fails(() => new Response("x", { status }), "TypeError");
  }
});
messages("response.json", "Response.json makes JSON with its type", async () => {
  const response = Response.json({ a: [1] }, { status: 201, headers: { x: "y" } });
  same([response.status, response.headers.get("content-type"), response.headers.get("x"), await response.text()], [201, "application/json", "y", '{"a":[1]}']);
});
messages("response.redirect", "Response.redirect makes a redirect", async () => {
  const response = Response.redirect("http://h/there", 303);
  same([response.status, response.headers.get("location"), response.body], [303, "http://h/there", null]);
});
messages("response.redirect.refused", "Response.redirect refuses other statuses: RangeError", async () => {
  await fails(() => Response.redirect("http://h/", 200), "RangeError");
});
messages("response.clone", "a used body cannot be cloned", async () => {
  const response = new Response("x");
  equal(await response.clone().text(), "x");
  await response.text();
  await fails(() => response.clone(), "TypeError");
});
messages("body.types", "bodies of text, parameters, blobs and forms bring their content type", async () => {
  const form = new FormData();
  form.set("a", "1");
  const types = ["text", new URLSearchParams("a=1"), new Blob(["x"], { type: "image/png" }), form, new Uint8Array(1)].map((body) => new Response(body).headers.get("content-type"));
  same([types[0].toLowerCase().replace(" ", ""), types[1].toLowerCase().replace(" ", ""), types[2], types[3].split(";")[0], types[4]],
    ["text/plain;charset=utf-8", "application/x-www-form-urlencoded;charset=utf-8", "image/png", "multipart/form-data", null]);
});
messages("body.own-type", "a content type that is given stays", async () => {
  equal(new Response("x", { headers: { "content-type": "a/b" } }).headers.get("content-type"), "a/b");
});
messages("body.forms", "a body is had as text, JSON, bytes, an ArrayBuffer or a Blob", async () => {
  equal(await new Response("é").text(), "é");
  same(await new Response('{"a":1}').json(), { a: 1 });
  same(await new Response("é").bytes(), new Uint8Array([0xc3, 0xa9]));
  same(new Uint8Array(await new Response("a").arrayBuffer()), new Uint8Array([97]));
  const blob = await new Response("abc", { headers: { "content-type": "text/x" } }).blob();
  same([blob.size, blob.type], [3, "text/x"]);
});
messages("body.once", "a body is read once", async () => {
  const response = new Response("x");
  await response.text();
  ok(response.bodyUsed);
  await fails(() => response.text(), "TypeError");
});
messages("body.bad-json", "JSON that is none is a SyntaxError", async () => {
  await fails(() => new Response("{").json(), "SyntaxError");
});
messages("body.bom", "text drops a byte order mark and replaces what is no UTF-8", async () => {
  equal(await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 97, 0xff])).text(), "a\uFFFD");
});
messages("body.form-data", "a multipart form is read back", async () => {
  const form = new FormData();
  form.append("name", "é\r\nx");
  form.append("file", new File(["content"], "a.txt", { type: "text/plain" }));
  form.append("name", "second");
  const back = await new Response(form).formData();
  same(back.getAll("name"), ["é\r\nx", "second"]);
  const file = back.get("file");
  same([file.name, file.type, await file.text()], ["a.txt", "text/plain", "content"]);
});
messages("body.url-encoded", "a form of parameters is read as a form", async () => {
  const back = await new Response(new URLSearchParams([["a", "1 2"], ["é", "&"]])).formData();
  same([...back], [["a", "1 2"], ["é", "&"]]);
});
messages("body.stream", "a body is a stream of bytes", async () => {
  const reader = new Response("streamed").body.getReader();
  const chunks = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    ok(value instanceof Uint8Array);
    chunks.push(...value);
  }
  equal(new TextDecoder().decode(new Uint8Array(chunks)), "streamed");
});
