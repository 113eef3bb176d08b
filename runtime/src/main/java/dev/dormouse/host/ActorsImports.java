package dev.dormouse.host;

import dev.dormouse.actor.Header;
import dev.dormouse.actor.HttpRequest;
import dev.dormouse.actor.Outcome;
import dev.dormouse.guest.Lower;
import dev.dormouse.identity.ActorId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Interfaces {@code actors} and {@code rpc}. */
final class ActorsImports {
  private ActorsImports() {}

  static void into(HostImports.Table table) {
    table.add("actors", "fetch", HostCost.OPERATION, ActorsImports::fetch);
    table.add("actors", "call", HostCost.OPERATION, ActorsImports::call);
    table.add("actors", "connect", HostCost.OPERATION, ActorsImports::connect);
    table.add("actors", "cancel", 0, call -> call.turn().operations().cancel(call.i64()) ? 1 : 0);
    table.add(
        "actors",
        "id-of",
        HostCost.STORAGE_READ,
        call -> {
          var id = call.turn().idOf(call.string("actor"));
          Lower.stringAt(call.guest(), call.i32(), id, call.name());
          return 0;
        });
    table.add(
        "actors",
        "address",
        0,
        call -> {
          Lower.stringAt(call.guest(), call.i32(), call.turn().id().name(), call.name());
          return 0;
        });
    table.add(
        "actors",
        "name-of",
        HostCost.SEARCH,
        call -> {
          var name = call.turn().nameOf(call.string("id"));
          Lower.optionStringAt(call.guest(), call.i32(), name, call.name());
          return 0;
        });
    table.add("rpc", "respond", HostCost.RESPOND, ActorsImports::respond);
  }

  private static long fetch(Call call) {
    var to = target(call);
    var method = call.string("method");
    var url = call.string("url");
    var headers = call.headers("headers");
    var body = call.bytes("body");
    var operations = call.turn().operations();
    var wrong = wrong(call, url, headers, body.length);
    if (!HeaderSyntax.isToken(method)) {
      wrong = "the method is not one of HTTP";
    }
    return wrong != null
        ? operations.refused(wrong)
        : operations.fetch(to, new HttpRequest(method, url, headers, body));
  }

  private static long call(Call call) {
    var to = target(call);
    var payload = call.bytes("payload");
    var operations = call.turn().operations();
    return payload.length > call.turn().limits().bodyBytes()
        ? operations.refused(
            "the payload is larger than " + call.turn().limits().bodyBytes() + " bytes")
        : operations.call(to, payload);
  }

  private static long connect(Call call) {
    var to = target(call);
    var url = call.string("url");
    var headers = call.headers("headers");
    var operations = call.turn().operations();
    var wrong = wrong(call, url, headers, 0);
    return wrong != null ? operations.refused(wrong) : operations.connect(to, url, headers);
  }

  private static ActorId target(Call call) {
    var namespace = call.optionalString("namespace");
    return new ActorId(
        namespace == null ? call.turn().id().namespace() : namespace, call.string("actor"));
  }

  private static long respond(Call call) {
    long request = call.i64();
    boolean error = call.flag("outcome");
    var outcome =
        error
            ? Outcome.error(call.utf8("outcome: error"))
            : Outcome.ok(call.bytes("outcome: bytes"));
    return call.turn().operations().respond(request, outcome).wire();
  }

  /** What makes a request one that cannot be sent; null where nothing does. */
  private static @Nullable String wrong(
      Call call, String url, List<Header> headers, int bodyBytes) {
    if (!url.startsWith("/") || !url.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      return "the url must start with a slash and have visible ASCII characters only";
    }
    if (headers.size() > ConnectionImports.MAX_HEADERS) {
      return "a request has at most " + ConnectionImports.MAX_HEADERS + " header fields";
    }
    for (var header : headers) {
      if (!HeaderSyntax.isValid(header)) {
        return "a header field is not valid in HTTP: " + header.name();
      }
    }
    return bodyBytes > call.turn().limits().bodyBytes()
        ? "the body is larger than " + call.turn().limits().bodyBytes() + " bytes"
        : null;
  }
}
