package dev.dormouse.gateway;

import dev.dormouse.actor.Header;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.UserFault;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request and its answer, on the thread of its connection. */
final class Exchange {
  private static final byte[] NOTHING = new byte[0];
  private static final int FIRST_READ = 8 * 1024;
  private static final int SMALL = 64 * 1024;

  private final Wire wire;
  private final RoutingRequest request;
  private final RoutingResponse response;
  private final String path;
  private final String query;
  private boolean unread;
  private boolean close;
  private boolean answered;

  Exchange(Wire wire, RoutingRequest request, RoutingResponse response) {
    this.wire = wire;
    this.request = request;
    this.response = response;
    this.path = originForm(request.prologue().uriPath().rawPath());
    this.query = request.prologue().query().rawValue();
    this.close = request.headers().contains(HeaderValues.CONNECTION_CLOSE);
  }

  Wire wire() {
    return wire;
  }

  String method() {
    return request.prologue().method().text();
  }

  /** As it was sent, without the query. */
  String path() {
    return path;
  }

  /** As it was sent, without the question mark; empty when there is none. */
  String query() {
    return query;
  }

  /** A header's first value. */
  @Nullable String header(HeaderName name) {
    var headers = request.headers();
    return headers.contains(name) ? headers.get(name).get() : null;
  }

  /** All fields that are for the actor, in the order of their names' first appearance. */
  List<Header> headers() {
    var connection = header(HeaderNames.CONNECTION);
    var all = new ArrayList<Header>(request.headers().size());
    for (var header : request.headers()) {
      var name = header.headerName().lowerCase();
      if (HeaderRules.endsHere(name)
          || (connection != null && HeaderRules.listHas(connection, name))) {
        continue;
      }
      if (header.valueCount() == 1) {
        all.add(new Header(name, header.get()));
      } else {
        for (var value : header.allValues()) {
          all.add(new Header(name, value));
        }
      }
    }
    return all;
  }

  boolean hasBody() {
    var length = header(HeaderNames.CONTENT_LENGTH);
    return request.headers().contains(HeaderNames.TRANSFER_ENCODING)
        || (length != null && !length.equals("0"));
  }

  /**
   * Refuses what two readers of HTTP could take to end at different places, and ends the connection
   * then, since nobody knows where the next request begins.
   */
  void requireSoundFraming() {
    var headers = request.headers();
    boolean chunked = headers.contains(HeaderNames.TRANSFER_ENCODING);
    boolean counted = headers.contains(HeaderNames.CONTENT_LENGTH);
    if (!chunked && !counted) {
      return;
    }
    unread = true;
    if (chunked) {
      var encoding = headers.get(HeaderNames.TRANSFER_ENCODING);
      if (counted || encoding.valueCount() != 1 || !encoding.get().equals("chunked")) {
        throw new UserFault(
            Code.BAD_REQUEST,
            "the body must have either a content-length or the transfer-encoding 'chunked'");
      }
    } else {
      var length = headers.get(HeaderNames.CONTENT_LENGTH);
      var digits = length.get();
      if (length.valueCount() != 1
          || digits.isEmpty()
          || digits.length() > 18
          || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
        throw new UserFault(Code.BAD_REQUEST, "the content-length must be one whole number");
      }
      unread = hasBody();
    }
  }

  /**
   * Reads the body.
   *
   * @throws UserFault {@code payload_too_large} or {@code bad_request}
   * @throws CloseConnectionException when the client goes before its end
   */
  byte[] body(long limit) {
    if (!unread) {
      return NOTHING;
    }
    var length = header(HeaderNames.CONTENT_LENGTH);
    long declared = length == null ? -1 : Long.parseLong(length);
    if (declared > limit) {
      throw tooLarge(limit);
    }
    wire.requests().bodyBegins(limit);
    try {
      byte[] body = read(declared, limit);
      unread = false;
      return body;
    } catch (RequestException | IOException e) {
      throw new UserFault(Code.BAD_REQUEST, "the body's chunks are not well-formed");
    } finally {
      wire.requests().bodyEnds();
    }
  }

  /** Writes the answer. */
  void answer(Reply reply) {
    if (answered) {
      throw new IllegalStateException("answered twice");
    }
    answered = true;
    if (close || unread) {
      endAfterAnswer();
    }
    boolean head = method().equals("HEAD");
    if (head || !reply.hasBody() || reply.body().length <= SMALL) {
      byte[] bytes = reply.bytes(head, close);
      wire.write(bytes, 0, bytes.length);
    } else {
      var first = reply.head(close, true, 0);
      wire.write(first.array(), 0, first.length());
      wire.write(reply.body(), 0, reply.body().length);
    }
    if (unread) {
      // Closing while the client still sends would destroy the answer on its way.
      wire.linger();
    }
  }

  /** Begins an answer that is written piece by piece; the connection ends after it. */
  Chunks stream(List<Header> headers) {
    handOver();
    var all = new ArrayList<>(headers);
    all.add(new Header("transfer-encoding", "chunked"));
    var head = new Reply(200, all, NOTHING).head(true, false, 0);
    wire.write(head.array(), 0, head.length());
    return new Chunks(wire);
  }

  void refuse(Problem problem) {
    if (answered) {
      wire.close();
      return;
    }
    answer(Reply.of(problem));
  }

  /** The connection is no longer one for requests: what follows is written by somebody else. */
  void handOver() {
    answered = true;
    endAfterAnswer();
  }

  private void endAfterAnswer() {
    close = true;
    // Keeps Helidon from looking for the rest of the body, and for another request.
    response.headers().set(HeaderValues.CONNECTION_CLOSE);
    wire.endAfterReply();
  }

  private byte[] read(long declared, long limit) throws IOException {
    // Not closed: that would read on to the body's end, however far that is.
    var in = request.content().inputStream();
    var body = new byte[declared >= 0 ? (int) Math.min(declared, SMALL) : FIRST_READ];
    int length = 0;
    while (true) {
      if (length == body.length) {
        if (length == declared) {
          // Helidon notes the end of the body only when asked for what follows it.
          return in.read() < 0 ? body : fail();
        }
        long most = declared >= 0 ? declared : limit + 1;
        body = Arrays.copyOf(body, (int) Math.min(Math.max(2L * length, FIRST_READ), most));
      }
      int count = in.read(body, length, body.length - length);
      wire.requests().delivered();
      if (count < 0) {
        return length == body.length ? body : Arrays.copyOf(body, length);
      }
      length += count;
      if (length > limit) {
        throw tooLarge(limit);
      }
    }
  }

  private static byte[] fail() throws IOException {
    throw new IOException("more than the content-length");
  }

  private static Fault tooLarge(long limit) {
    return new UserFault(
        Code.PAYLOAD_TOO_LARGE, "the body is larger than the " + limit + " bytes that are allowed");
  }

  /** Takes scheme and authority from a target in absolute form, which servers must understand. */
  private static String originForm(String target) {
    if (target.startsWith("http://") || target.startsWith("https://")) {
      int slash = target.indexOf('/', target.indexOf("//") + 2);
      return slash < 0 ? "/" : target.substring(slash);
    }
    return target;
  }

  @Override
  public String toString() {
    return method() + " " + path;
  }
}
