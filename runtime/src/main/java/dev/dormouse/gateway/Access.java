package dev.dormouse.gateway;

import dev.dormouse.fault.Code;
import io.helidon.http.HeaderNames;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the admin API: whoever bears the token. Under {@code dev} on a loopback address
 * nobody needs one; then a web page open in the developer's browser must not get in, neither under
 * a name of its own that it points here nor by a request from its own origin.
 */
final class Access {
  private final byte @Nullable [] token;
  private final boolean open;

  Access(@Nullable String token, String adminHost, boolean dev) {
    this.token = token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    this.open = dev && isLoopbackAddress(adminHost);
  }

  /** Why the request is refused; null when it is not. */
  @Nullable Reply refusal(Exchange exchange) {
    if (bearsToken(exchange.header(HeaderNames.AUTHORIZATION))) {
      return null;
    }
    if (!open) {
      var detail =
          token == null
              ? "the server has no admin token: set adminToken in its configuration"
              : "send the admin token as 'Authorization: Bearer TOKEN'";
      return Reply.of(Problem.of(Code.UNAUTHORIZED, detail))
          .with("www-authenticate", "Bearer realm=\"dormouse\"");
    }
    if (!isLocalHost(hostOf(exchange.header(HeaderNames.HOST)))) {
      return forbidden("the admin API answers to localhost only: use http://localhost");
    }
    var origin = exchange.header(HeaderNames.ORIGIN);
    if (origin != null && !isLocalOrigin(origin)) {
      return forbidden("the admin API takes no requests from pages of other origins");
    }
    return null;
  }

  private boolean bearsToken(@Nullable String authorization) {
    if (token == null
        || authorization == null
        || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return false;
    }
    byte[] given = authorization.substring(7).strip().getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(token, given);
  }

  private static Reply forbidden(String detail) {
    return Reply.of(new Problem(Code.UNAUTHORIZED, 403, detail, null));
  }

  private static boolean isLocalOrigin(String origin) {
    try {
      var host = URI.create(origin).getHost();
      return host != null && isLocalHost(host);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String hostOf(@Nullable String header) {
    if (header == null) {
      return "";
    }
    int end = header.startsWith("[") ? header.indexOf(']') + 1 : header.indexOf(':');
    return end <= 0 ? header : header.substring(0, end);
  }

  /** By its form alone: no name is looked up. */
  private static boolean isLocalHost(String host) {
    var name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || name.equals("[::1]")
        || name.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
  }

  private static boolean isLoopbackAddress(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
