package dev.dormouse.gateway;

import dev.dormouse.actor.Header;
import dev.dormouse.actor.HttpReply;
import dev.dormouse.fault.GuestFault;
import io.helidon.http.DateTime;
import io.helidon.http.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer as it goes over the wire. What frames the message and what belongs to the connection
 * (content-length, transfer-encoding, connection and the like) is said by the gateway alone.
 *
 * @param status 200 to 599
 * @param headers valid; names in lower case
 */
record Reply(int status, List<Header> headers, byte[] body) {
  private static final byte[] NO_BODY = new byte[0];
  private static final byte[] CRLF = ascii("\r\n");
  private static final byte[] CLOSE = ascii("connection: close\r\n");
  private static final byte[] DATE = ascii("date: ");
  private static final byte[] CONTENT_LENGTH = ascii("content-length: ");
  private static final byte[][] STATUS_LINES = statusLines();

  static Reply empty(int status) {
    return new Reply(status, List.of(), NO_BODY);
  }

  static Reply text(String mediaType, String text) {
    return new Reply(
        200, List.of(new Header("content-type", mediaType)), text.getBytes(StandardCharsets.UTF_8));
  }

  static Reply of(Problem problem) {
    var headers = new ArrayList<Header>(4);
    headers.add(new Header("content-type", Problem.MEDIA_TYPE));
    headers.add(new Header("cache-control", "no-store"));
    if (problem.isWorthARetry()) {
      headers.add(new Header("retry-after", Problem.RETRY_AFTER));
    }
    return new Reply(problem.status(), headers, problem.json());
  }

  /**
   * An actor's answer.
   *
   * @throws GuestFault {@code actor_trapped}, when it cannot be sent as HTTP
   */
  static Reply of(HttpReply reply) {
    if (reply.status() < 200 || reply.status() > 599) {
      throw new GuestFault(
          GuestFault.Trap.ABORTED,
          "the actor answered with status " + reply.status() + ": answer with 200 to 599");
    }
    if (reply.headers().isEmpty()) {
      return new Reply(reply.status(), List.of(), reply.body());
    }
    var headers = new ArrayList<Header>(reply.headers().size());
    for (var header : reply.headers()) {
      HeaderRules.requireValid(header);
      if (!HeaderRules.endsHere(header.name()) && !header.name().equals("content-length")) {
        headers.add(header);
      }
    }
    return new Reply(reply.status(), headers, reply.body());
  }

  Reply with(String name, String value) {
    var more = new ArrayList<>(headers);
    more.add(new Header(name, value));
    return new Reply(status, more, body);
  }

  /**
   * The whole answer.
   *
   * @param head whether the request's method was HEAD, and no body is to be sent
   */
  byte[] bytes(boolean head, boolean close) {
    var out = head(close, true, head || !hasBody() ? 0 : body.length);
    if (!head && hasBody()) {
      out.add(body);
    }
    return out.exact();
  }

  /**
   * Status line and headers.
   *
   * @param length whether the length of the body is said; else it is told by its framing
   * @param room to be left for what follows
   */
  ByteArray head(boolean close, boolean length, int room) {
    int size = 128;
    for (var header : headers) {
      // Three bytes are the most that a char takes.
      size += header.name().length() + 3 * header.value().length() + 4;
    }
    var out = new ByteArray(size + room);
    out.add(STATUS_LINES[status - 200]);
    boolean dated = false;
    for (var header : headers) {
      out.ascii(header.name());
      out.ascii(": ");
      out.text(header.value());
      out.add(CRLF);
      dated |= header.name().equals("date");
    }
    if (!dated) {
      out.add(DATE);
      out.add(DateTime.http1Bytes());
    }
    if (length && status != 204 && status != 304) {
      out.add(CONTENT_LENGTH);
      out.number(hasBody() ? body.length : 0);
      out.add(CRLF);
    }
    if (close) {
      out.add(CLOSE);
    }
    out.add(CRLF);
    return out;
  }

  /** Some statuses have no body, whatever the actor says. */
  boolean hasBody() {
    return status != 204 && status != 205 && status != 304;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[][] statusLines() {
    var lines = new byte[400][];
    for (int i = 0; i < lines.length; i++) {
      var status = Status.create(200 + i);
      lines[i] = ascii("HTTP/1.1 " + status.code() + " " + status.reasonPhrase() + "\r\n");
    }
    return lines;
  }
}
