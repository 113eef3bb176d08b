import { area } from "../harness.js";
import { equal, fails, ok, same } from "../check.js";

const { gateway } = area("URL and URLSearchParams", "web");
const href = (text, base) => new URL(text, base).href;

gateway("url.parts", "a URL is taken apart into its parts", async () => {
  const url = new URL("https://user:pw@example.com:8443/a/b?q=1#frag");
  same(
    [url.protocol, url.username, url.password, url.host, url.hostname, url.port, url.pathname, url.search, url.hash, url.origin],
    ["https:", "user", "pw", "example.com:8443", "example.com", "8443", "/a/b", "?q=1", "#frag", "https://example.com:8443"],
  );
});
gateway("url.default-port", "the scheme's own port is left out", async () => {
  same([href("http://a:80/"), href("https://a:443/"), href("ws://a:80/"), href("http://a:443/")], ["http://a/", "https://a/", "ws://a/", "http://a:443/"]);
});
gateway("url.case", "scheme and host are made lower-case, the path is not", async () => {
  equal(href("HTTP://EXAMPLE.com/PaTh"), "http://example.com/PaTh");
});
gateway("url.relative", "relative references are resolved against the base", async () => {
  const base = "http://h/a/b/c?q#f";
  same(
    ["d", "./d", "../d", "/d", "//x/d", "?n", "#m", "", "../../../d", "d/./e/../f"].map((each) => href(each, base)),
    ["http://h/a/b/d", "http://h/a/b/d", "http://h/a/d", "http://h/d", "http://x/d", "http://h/a/b/c?n", "http://h/a/b/c?q#m", "http://h/a/b/c?q", "http://h/d", "http://h/a/b/d/f"],
  );
});
gateway("url.dots", "dot segments are removed, encoded ones as well", async () => {
  same([href("http://h/a/./b/../c"), href("http://h/a/%2e%2E/b"), href("http://h/a/..")], ["http://h/a/c", "http://h/b", "http://h/"]);
});
gateway("url.escapes", "spaces and characters beyond ASCII are percent-encoded", async () => {
  equal(href("http://h/a b/é?x=ü y#z z"), "http://h/a%20b/%C3%A9?x=%C3%BC%20y#z%20z");
});
gateway("url.backslash", "backslashes are slashes in special schemes", async () => {
  equal(href("http:\\\\h\\a\\b"), "http://h/a/b");
});
gateway("url.trim", "surrounding blanks, and tabs and newlines anywhere, are dropped", async () => {
  equal(href("  http://h/\ta\nb  "), "http://h/ab");
});
gateway("url.ipv4", "hosts that are numbers are IPv4 addresses", async () => {
  same(["http://127.1/", "http://0x7f.0.0.1/", "http://2130706433/"].map((each) => new URL(each).hostname), ["127.0.0.1", "127.0.0.1", "127.0.0.1"]);
});
gateway("url.ipv6", "IPv6 addresses are written in their short form", async () => {
  equal(new URL("http://[2001:DB8:0:0:0:0:0:1]:80/").hostname, "[2001:db8::1]");
});
gateway("url.idna", "hosts beyond ASCII become Punycode", async () => {
  equal(new URL("http://bücher.example/").hostname, "xn--bcher-kva.example");
});
gateway("url.invalid", "what is no URL is a TypeError", async () => {
  for (const text of ["", "no scheme", "http://", "http://a b/", "http://a:99999/", "http://[1::2::3]/", "//h/x", "http://256.256.256.256/"]) {
    await fails(() => new URL(text), "TypeError");
    equal(URL.canParse(text), false, text);
  }
});
gateway("url.can-parse", "URL.canParse tells whether a URL can be made", async () => {
  equal(URL.canParse("http://h/"), true);
  equal(URL.canParse("x", "http://h/"), true);
});
gateway("url.parse", "URL.parse answers a URL or null", async () => {
  equal(URL.parse("http://h/x").href, "http://h/x");
  equal(URL.parse("nothing"), null);
});
gateway("url.opaque", "URLs of other schemes keep their path as it is", async () => {
  const url = new URL("mailto:a@example.com");
  same([url.protocol, url.pathname, url.origin, url.host], ["mailto:", "a@example.com", "null", ""]);
});
gateway("url.setters", "the parts can be set", async () => {
  const url = new URL("http://h/a");
  url.protocol = "https";
  url.host = "other:81";
  url.pathname = "x y";
  url.search = "k=v";
  url.hash = "top";
  url.username = "u@";
  equal(url.href, "https://u%40@other:81/x%20y?k=v#top");
});
gateway("url.setters.refused", "setters ignore what they cannot use", async () => {
  const url = new URL("http://h:8/a");
  url.port = "99999";
  url.protocol = "mailto";
  url.host = "";
  equal(url.href, "http://h:8/a");
});
gateway("url.href.refused", "setting href to what is no URL throws and changes nothing", async () => {
  const url = new URL("http://h/a");
  await fails(() => (url.href = "nonsense"), "TypeError");
  equal(url.href, "http://h/a");
});
gateway("url.search-params", "searchParams and search follow each other", async () => {
  const url = new URL("http://h/?a=1");
  url.searchParams.append("b", "2 3");
  equal(url.search, "?a=1&b=2+3");
  url.search = "?c=4";
  equal(url.searchParams.get("c"), "4");
  url.searchParams.delete("c");
  equal(url.href, "http://h/");
});
gateway("url.json", "a URL as JSON is its href", async () => {
  equal(JSON.stringify({ url: new URL("http://h") }), '{"url":"http://h/"}');
});
gateway("params.parse", "a query is parsed into names and values", async () => {
  const params = new URLSearchParams("?a=1&b=&c&a=2&%C3%A9=%20&p=x+y&=e&%zz=%");
  same([...params], [["a", "1"], ["b", ""], ["c", ""], ["a", "2"], ["é", " "], ["p", "x y"], ["", "e"], ["%zz", "%"]]);
});
gateway("params.from", "URLSearchParams is made from text, pairs, objects and itself", async () => {
  same([
    String(new URLSearchParams([["a", "1"], ["a", "2"]])), String(new URLSearchParams({ a: 1, b: "x y" })),
    String(new URLSearchParams(new URLSearchParams("z=1"))), String(new URLSearchParams(new Map([["k", "v"]]))), String(new URLSearchParams()),
  ], ["a=1&a=2", "a=1&b=x+y", "z=1", "k=v", ""]);
});
gateway("params.pairs.refused", "pairs that are no pairs are a TypeError", async () => {
  await fails(() => new URLSearchParams([["a"]]), "TypeError");
});
gateway("params.get", "get answers the first value or null, getAll all of them, has whether there is one", async () => {
  const params = new URLSearchParams("a=1&a=2&b=3");
  same([params.get("a"), params.get("x"), params.getAll("a"), params.has("b"), params.has("x"), params.has("a", "2"), params.has("a", "3"), params.size],
    ["1", null, ["1", "2"], true, false, true, false, 3]);
});
gateway("params.set", "set replaces the first value and drops the others", async () => {
  const params = new URLSearchParams("a=1&b=2&a=3");
  params.set("a", "9");
  params.set("c", "new");
  equal(String(params), "a=9&b=2&c=new");
});
gateway("params.delete", "delete removes all of a name, or those with a value", async () => {
  const params = new URLSearchParams("a=1&b=2&a=3&b=4");
  params.delete("a");
  params.delete("b", "2");
  equal(String(params), "b=4");
});
gateway("params.sort", "sort is by name in UTF-16 units and keeps the order of equals", async () => {
  const params = new URLSearchParams("z=1&a=2&z=0&\uFB03=3&😀=4");
  params.sort();
  same([...params.keys()], ["a", "z", "z", "😀", "\uFB03"]);
  same(params.getAll("z"), ["1", "0"]);
});
gateway("params.encode", "the text form encodes as forms do", async () => {
  equal(String(new URLSearchParams([["a b*-._~", "é&=+%'()!"]])), "a+b*-._%7E=%C3%A9%26%3D%2B%25%27%28%29%21");
});
gateway("pattern.match", "URLPattern matches and names what it found", async () => {
  const pattern = new URLPattern({ pathname: "/users/:id/*" });
  ok(pattern.test("http://h/users/7/posts"));
  ok(!pattern.test("http://h/users/7"));
  const { groups } = pattern.exec("http://h/users/7/posts/1").pathname;
  same([groups.id, groups[0]], ["7", "posts/1"]);
});
