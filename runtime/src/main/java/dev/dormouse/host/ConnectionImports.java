package dev.dormouse.host;

import dev.dormouse.abi.Abi;
import dev.dormouse.abi.Status;
import dev.dormouse.actor.HttpReply;
import dev.dormouse.actor.Payload;
import dev.dormouse.guest.Lower;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.Function;

/** Interfaces {@code connection} and {@code http}. */
final class ConnectionImports {
  /** Header fields of one request or reply. */
  static final int MAX_HEADERS = 256;

  private static final byte[] NOTHING = new byte[0];

  private ConnectionImports() {}

  static void into(HostImports.Table table) {
    table.add("connection", "send-text", HostCost.SEND, call -> send(call, true));
    table.add("connection", "send-bytes", HostCost.SEND, call -> send(call, false));
    table.add("connection", "broadcast-text", HostCost.SEND, call -> broadcast(call, true));
    table.add("connection", "broadcast-bytes", HostCost.SEND, call -> broadcast(call, false));
    table.add("connection", "close", HostCost.SEND, ConnectionImports::close);
    table.add("connection", "reject", HostCost.SEND, ConnectionImports::reject);
    table.add("connection", "refuse", HostCost.RESPOND, ConnectionImports::refuse);
    table.add(
        "connection",
        "defer",
        HostCost.SEND,
        call -> call.turn().connections().defer(call.i64()).wire());
    table.add(
        "connection",
        "accept",
        HostCost.SEND,
        call ->
            call.turn().connections().accept(call.i64(), call.optionalString("protocol")).wire());
    table.add(
        "connection",
        "splice",
        HostCost.SEND,
        call -> call.turn().connections().splice(call.i64(), call.i64()).wire());
    table.add(
        "connection",
        "get-attachment",
        0,
        call -> {
          var value = call.turn().connections().attachment(call.i64());
          Lower.optionBytesAt(call.guest(), call.i32(), value, call.name());
          return 0;
        });
    table.add(
        "connection",
        "set-attachment",
        0,
        call -> call.turn().connections().attach(call.i64(), call.bytes("value")).wire());
    table.add(
        "connection",
        "tags",
        0,
        call -> {
          var tags = call.turn().connections().tags(call.i64());
          Lower.stringsAt(call.guest(), call.i32(), tags, call.name());
          return 0;
        });
    table.add("connection", "set-tags", 0, ConnectionImports::setTags);
    table.add("connection", "set-auto-response", HostCost.SEND, ConnectionImports::autoResponse);
    table.add(
        "connection",
        "get-auto-response",
        0,
        call -> {
          var pair = call.turn().connections().response(call.i64());
          Lower.optionPairAt(call.guest(), call.i32(), pair, call.name());
          return 0;
        });
    table.add(
        "connection",
        "auto-response-at",
        0,
        call -> {
          var at = call.turn().connections().respondedAt(call.i64());
          Lower.optionLongAt(call.guest(), call.i32(), at, call.name());
          return 0;
        });
    table.add("connection", "list", 0, ConnectionImports::list);
    table.add("http", "respond", HostCost.RESPOND, ConnectionImports::respond);
    table.add(
        "http",
        "pass-on",
        HostCost.RESPOND,
        call ->
            call.turn()
                .operations()
                .passOn(call.i64(), call.i64(), call.optionalString("unless"))
                .wire());
  }

  private static long send(Call call, boolean text) {
    return call.turn().connections().send(call.i64(), payload(call, text)).wire();
  }

  private static long broadcast(Call call, boolean text) {
    var tag = call.optionalString("tag");
    int receivers = call.turn().connections().broadcast(tag, payload(call, text));
    call.charge(HostCost.PER_RECEIVER * receivers);
    return receivers;
  }

  private static Payload payload(Call call, boolean text) {
    return new Payload(text, text ? call.utf8("text") : call.bytes("bytes"));
  }

  private static long close(Call call) {
    long connection = call.i64();
    int code = call.i32() & 0xffff;
    var reason = call.string("reason");
    if (reason.getBytes(StandardCharsets.UTF_8).length > Abi.MAX_CLOSE_REASON_BYTES) {
      return Status.VALUE_TOO_LARGE.wire();
    }
    return call.turn().connections().close(connection, code, reason).wire();
  }

  private static long reject(Call call) {
    return call.turn()
        .connections()
        .reject(call.i64(), call.i32() & 0xffff, call.string("message"))
        .wire();
  }

  private static long setTags(Call call) {
    long connection = call.i64();
    var tags = new LinkedHashSet<>(call.strings("tags"));
    for (var tag : tags) {
      if (tag.getBytes(StandardCharsets.UTF_8).length > Abi.MAX_TAG_BYTES) {
        return Status.VALUE_TOO_LARGE.wire();
      }
    }
    return call.turn().connections().tag(connection, List.copyOf(tags)).wire();
  }

  private static long list(Call call) {
    var connections = call.turn().connections().list(call.optionalString("tag"));
    call.charge(HostCost.PER_RECEIVER * connections.length);
    Lower.longsAt(call.guest(), call.i32(), connections, call.name());
    return 0;
  }

  private static long autoResponse(Call call) {
    long connection = call.i64();
    boolean some = call.flag("pair");
    byte[] request = some ? call.utf8("request") : null;
    byte[] response = some ? call.utf8("response") : NOTHING;
    return call.turn().connections().respondTo(connection, request, response).wire();
  }

  private static long refuse(Call call) {
    long connection = call.i64();
    return answer(call, reply -> call.turn().connections().refuse(connection, reply));
  }

  private static long respond(Call call) {
    long request = call.i64();
    return answer(call, reply -> call.turn().operations().respond(request, reply));
  }

  /** Reads a whole HTTP answer, and gives it where it belongs if its headers may be sent. */
  private static long answer(Call call, Function<HttpReply, Status> give) {
    int status = call.i32() & 0xffff;
    var headers = call.headers("headers");
    var body = call.bytes("body");
    if (headers.size() > MAX_HEADERS) {
      return Status.TOO_MANY.wire();
    }
    for (var header : headers) {
      if (!HeaderSyntax.isValid(header)) {
        return Status.INVALID.wire();
      }
    }
    return give.apply(new HttpReply(status, headers, body)).wire();
  }
}
