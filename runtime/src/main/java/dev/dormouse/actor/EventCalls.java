package dev.dormouse.actor;

import dev.dormouse.guest.GuestInstance;
import dev.dormouse.guest.Lower;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Calls the exports of the guest contract: puts an event's data into the guest's memory, in memory
 * that the guest's allocator gives, and passes it in the flat form of dormouse.wit. What a module
 * does not export is not called.
 */
final class EventCalls {
  /** What an event's data costs, in bytes for a unit of fuel. */
  private static final long BYTES_PER_UNIT = 4;

  private EventCalls() {}

  static void start(GuestInstance guest) {
    if (guest.exports("start")) {
      guest.call("start");
    }
  }

  static void connect(GuestInstance guest, Connection connection) {
    if (!guest.exports("connect")) {
      return;
    }
    var url = utf8(connection.url());
    guest.call(
        "connect",
        connection.id(),
        lower(guest, url, "connect: url"),
        url.length,
        headers(guest, connection.headers(), "connect: headers"),
        connection.headers().size());
  }

  static void message(GuestInstance guest, Connection connection, Payload payload) {
    var bytes = payload.bytes();
    long kind = payload.text() ? 0 : 1;
    guest.call(
        "message", connection.id(), kind, lower(guest, bytes, "message: payload"), bytes.length);
  }

  static void close(GuestInstance guest, Connection connection, int code, String reason) {
    var text = utf8(reason);
    guest.call("close", connection.id(), code, lower(guest, text, "close: reason"), text.length);
  }

  static void fetch(GuestInstance guest, long number, HttpRequest request) {
    var method = utf8(request.method());
    var url = utf8(request.url());
    var body = request.body();
    guest.call(
        "fetch",
        number,
        lower(guest, method, "fetch: method"),
        method.length,
        lower(guest, url, "fetch: url"),
        url.length,
        headers(guest, request.headers(), "fetch: headers"),
        request.headers().size(),
        lower(guest, body, "fetch: body"),
        body.length);
  }

  static void alarm(GuestInstance guest, int attempt, long dueMillis) {
    guest.call("alarm", attempt, dueMillis);
  }

  static void call(GuestInstance guest, long number, byte[] payload) {
    guest.call("call", number, lower(guest, payload, "call: payload"), payload.length);
  }

  static void complete(GuestInstance guest, long operation, Outcome outcome) {
    var bytes = outcome.bytes();
    guest.call(
        "complete",
        operation,
        outcome.ok() ? 0 : 1,
        lower(guest, bytes, "complete: outcome"),
        bytes.length);
  }

  private static int lower(GuestInstance guest, byte[] bytes, String what) {
    guest.meter().charge(bytes.length / BYTES_PER_UNIT);
    return Lower.bytes(guest, bytes, what);
  }

  private static int headers(GuestInstance guest, List<Header> headers, String what) {
    var pairs = new ArrayList<Map.Entry<String, String>>(headers.size());
    for (var header : headers) {
      guest.meter().charge((header.name().length() + header.value().length()) / BYTES_PER_UNIT);
      pairs.add(Map.entry(header.name(), header.value()));
    }
    return Lower.stringPairs(guest, pairs, what);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
