package dev.dormouse.egress;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * An absolute URL of the outside.
 *
 * @param secure whether TLS is spoken
 * @param host in lower case, without the brackets of an IPv6 address
 * @param target path and query, starting with a slash
 */
record WebUrl(boolean secure, String host, int port, String target) {
  private static final Pattern FORM =
      Pattern.compile(
          "([a-zA-Z]+)://(\\[[0-9a-fA-F:.]+]|[^/?#@:\\[\\]]+)(?::([0-9]{1,5}))?([/?][^#]*)?(?:#.*)?");
  private static final Pattern HOST = Pattern.compile("[a-z0-9._-]{1,253}|\\[[0-9a-f:.]+]");
  private static final int MAX_CHARS = 16 * 1024;
  private static final Map<String, Boolean> SCHEMES =
      Map.of("http", false, "https", true, "ws", false, "wss", true);

  /**
   * @throws WebFailure {@code bad_request}, saying what a URL must be
   */
  static WebUrl parse(String text) {
    var form = FORM.matcher(text);
    if (text.length() > MAX_CHARS || !form.matches()) {
      throw malformed("is not an absolute URL");
    }
    Boolean secure = SCHEMES.get(form.group(1).toLowerCase(Locale.ROOT));
    if (secure == null) {
      throw malformed("has a scheme other than http, https, ws and wss");
    }
    var host = form.group(2).toLowerCase(Locale.ROOT);
    if (!HOST.matcher(host).matches()) {
      throw malformed("has a host that is neither a name in ASCII nor an address");
    }
    int port = form.group(3) == null ? secure ? 443 : 80 : Integer.parseInt(form.group(3));
    if (port < 1 || port > 65_535) {
      throw malformed("has a port that cannot be");
    }
    var target = form.group(4) == null ? "/" : form.group(4);
    if (!target.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw malformed("has characters that must be percent-encoded");
    }
    return new WebUrl(
        secure,
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port,
        target.startsWith("?") ? "/" + target : target);
  }

  /** Where a redirect leads. */
  WebUrl resolve(String location) {
    try {
      return parse(new URI(toString()).resolve(location.strip()).toString());
    } catch (java.net.URISyntaxException | IllegalArgumentException e) {
      throw new WebFailure(WebFailure.UNREACHABLE, "the redirect leads to what is no URL");
    }
  }

  /** Scheme, host and port, the port only where it is not the scheme's own. */
  String origin() {
    return (secure ? "https://" : "http://") + authority();
  }

  /** The host header. */
  String authority() {
    var name = isIpv6() ? "[" + host + "]" : host;
    return port == (secure ? 443 : 80) ? name : name + ":" + port;
  }

  boolean isIpv6() {
    return host.indexOf(':') >= 0;
  }

  @Override
  public String toString() {
    return origin() + target;
  }

  private static WebFailure malformed(String why) {
    return new WebFailure(WebFailure.BAD_REQUEST, "the URL " + why);
  }
}
