package dev.dormouse.egress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One request of an app, with the redirects that it follows. The policy is asked before each of
 * them, also where a connection is there already.
 *
 * <p>A request is sent once, but for this: where a connection that has served before ends without a
 * byte of an answer, a request that may happen twice is sent once more, over a new connection.
 *
 * @param limit the largest body of an answer
 */
record Fetch(
    String namespace,
    Set<String> allowed,
    EgressPolicy policy,
    Trust trust,
    ConnectionPool pool,
    Lifeline lifeline,
    int limit) {

  private static final int MAX_REDIRECTS = 20;

  /** The longest body of a redirect that is read so that the connection can serve again. */
  private static final int MAX_SKIPPED_BYTES = 16 * 1024;

  private static final Set<String> OF_THE_CONNECTION =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");
  private static final Set<String> FOR_ONE_ORIGIN =
      Set.of("authorization", "cookie", "proxy-authorization");
  private static final Set<String> MAY_HAPPEN_TWICE =
      Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

  /** An answer whose head has been read, and the connection that the rest comes from. */
  private record Answer(ConnectionPool.Key key, Wire wire, HttpReader reader, HttpReader.Head head)
      implements AutoCloseable {

    @Override
    public void close() {
      wire.close();
    }
  }

  WebReply run(WebRequest request) throws IOException {
    var url = WebUrl.parse(request.url());
    var method = request.method();
    var headers = forwarded(request.headers());
    byte[] body = request.body();
    for (int redirects = 0; ; redirects++) {
      var answer = ask(url, method, head(method, url, headers, body), body);
      var head = answer.head();
      var location = isRedirect(head.status()) ? head.first("location") : null;
      if (location == null || request.redirects() == WebRequest.Redirects.MANUAL) {
        byte[] content = answer.reader().body(head, method, limit);
        over(answer, method);
        return new WebReply(head.status(), passedOn(head), content, url.toString());
      }
      skip(answer, method);
      if (request.redirects() == WebRequest.Redirects.ERROR || redirects == MAX_REDIRECTS) {
        throw new WebFailure(
            WebFailure.REDIRECTED, "the answer of " + url.origin() + " is a redirect");
      }
      var next = url.resolve(location);
      boolean becomesGet =
          head.status() == 303
              ? !method.equals("HEAD")
              : head.status() <= 302 && method.equals("POST");
      if (becomesGet) {
        method = "GET";
        body = new byte[0];
        headers.removeIf(header -> header.getKey().startsWith("content-"));
      }
      if (!next.origin().equals(url.origin())) {
        headers.removeIf(header -> FOR_ONE_ORIGIN.contains(header.getKey()));
      }
      url = next;
    }
  }

  private Answer ask(WebUrl url, String method, byte[] head, byte[] body) throws IOException {
    var addresses = policy.check(url, allowed);
    var key = new ConnectionPool.Key(namespace, url.origin());
    var waiting = pool.take(key, addresses);
    if (waiting != null) {
      waiting.heldBy(lifeline);
      var reader = new HttpReader(waiting.in());
      try {
        waiting.write(head, body);
        return new Answer(key, waiting, reader, reader.head());
      } catch (IOException e) {
        waiting.close();
        if (reader.begun() || !MAY_HAPPEN_TWICE.contains(method)) {
          throw e;
        }
      }
    }
    var wire = Wire.open(url, addresses, trust, lifeline);
    wire.write(head, body);
    var reader = new HttpReader(wire.in());
    return new Answer(key, wire, reader, reader.head());
  }

  /** The answer is read: its connection may serve again if nothing speaks against it. */
  private void over(Answer answer, String method) throws IOException {
    boolean quiet = answer.head().canBeFollowed(method) && answer.wire().in().available() == 0;
    if (quiet && lifeline.letGo()) {
      pool.park(answer.key(), answer.wire());
    } else {
      answer.close();
    }
  }

  /** Nobody wants this answer's body. */
  private void skip(Answer answer, String method) {
    try {
      if (answer.head().canBeFollowed(method)) {
        answer.reader().body(answer.head(), method, MAX_SKIPPED_BYTES);
        over(answer, method);
        return;
      }
    } catch (IOException | WebFailure e) {
      // Then the connection serves for nothing more.
    }
    answer.close();
  }

  private byte[] head(
      String method, WebUrl url, List<Map.Entry<String, String>> headers, byte[] body) {
    var head = new StringBuilder(256);
    head.append(method).append(' ').append(url.target()).append(" HTTP/1.1\r\n");
    head.append("host: ").append(url.authority()).append("\r\n");
    if (!pool.keepsConnections()) {
      head.append("connection: close\r\n");
    }
    if (body.length > 0 || method.equals("POST") || method.equals("PUT")) {
      head.append("content-length: ").append(body.length).append("\r\n");
    }
    defaultField(head, headers, "accept", "*/*");
    defaultField(head, headers, "user-agent", "Dormouse");
    return fields(head, headers);
  }

  static byte[] fields(StringBuilder head, List<Map.Entry<String, String>> headers) {
    for (var header : headers) {
      head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(ISO_8859_1);
  }

  private static void defaultField(
      StringBuilder head, List<Map.Entry<String, String>> headers, String name, String value) {
    if (headers.stream().noneMatch(header -> header.getKey().equals(name))) {
      head.append(name).append(": ").append(value).append("\r\n");
    }
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  static List<Map.Entry<String, String>> forwarded(List<Map.Entry<String, String>> all) {
    var forwarded = new ArrayList<>(all);
    forwarded.removeIf(header -> OF_THE_CONNECTION.contains(header.getKey()));
    return forwarded;
  }

  static List<Map.Entry<String, String>> passedOn(HttpReader.Head head) {
    var passed = new ArrayList<>(head.headers());
    passed.removeIf(
        header ->
            OF_THE_CONNECTION.contains(header.getKey())
                && !header.getKey().equals("content-length"));
    return passed;
  }
}
