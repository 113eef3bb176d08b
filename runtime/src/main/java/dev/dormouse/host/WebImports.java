package dev.dormouse.host;

import dev.dormouse.actor.Header;
import dev.dormouse.egress.WebRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Interface {@code web}. */
final class WebImports {
  private static final int MAX_PROTOCOLS = 64;

  private WebImports() {}

  static void into(HostImports.Table table) {
    table.add("web", "fetch", HostCost.OPERATION, WebImports::fetch);
    table.add("web", "connect", HostCost.OPERATION, WebImports::connect);
    table.add("web", "cancel", 0, call -> call.turn().operations().cancel(call.i64()) ? 1 : 0);
  }

  private static long fetch(Call call) {
    var method = call.string("method");
    var url = call.string("url");
    var headers = call.headers("headers");
    var body = call.bytes("body");
    var redirects = redirects(call.i32() & 0xff);
    var operations = call.turn().operations();
    var wrong = wrong(headers);
    if (!HeaderSyntax.isToken(method) || method.equals("CONNECT") || method.equals("TRACE")) {
      wrong = "the method is not one that may be sent";
    } else if (body.length > call.turn().limits().bodyBytes()) {
      wrong = "the body is larger than " + call.turn().limits().bodyBytes() + " bytes";
    } else if (redirects == null) {
      wrong = "redirect is 0 to follow, 1 for the answer as it is, or 2 for an error";
    }
    return wrong != null || redirects == null
        ? operations.refused(String.valueOf(wrong))
        : operations.webFetch(new WebRequest(method, url, fields(headers), body, redirects));
  }

  private static WebRequest.@Nullable Redirects redirects(int number) {
    return switch (number) {
      case 0 -> WebRequest.Redirects.FOLLOW;
      case 1 -> WebRequest.Redirects.MANUAL;
      case 2 -> WebRequest.Redirects.ERROR;
      default -> null;
    };
  }

  private static long connect(Call call) {
    var url = call.string("url");
    var protocols = call.strings("protocols");
    var headers = call.headers("headers");
    var wrong = wrong(headers);
    if (protocols.size() > MAX_PROTOCOLS || !protocols.stream().allMatch(HeaderSyntax::isToken)) {
      wrong = "the sub-protocols are not at most " + MAX_PROTOCOLS + " names";
    }
    return wrong != null
        ? call.turn().operations().refused(wrong)
        : call.turn().operations().webConnect(url, protocols, fields(headers));
  }

  private static @Nullable String wrong(List<Header> headers) {
    if (headers.size() > ConnectionImports.MAX_HEADERS) {
      return "a request has at most " + ConnectionImports.MAX_HEADERS + " header fields";
    }
    for (var header : headers) {
      if (!HeaderSyntax.isValid(header)) {
        return "a header field is not valid in HTTP: " + header.name();
      }
    }
    return null;
  }

  private static List<Map.Entry<String, String>> fields(List<Header> headers) {
    var fields = new ArrayList<Map.Entry<String, String>>(headers.size());
    headers.forEach(header -> fields.add(Map.entry(header.name(), header.value())));
    return fields;
  }
}
