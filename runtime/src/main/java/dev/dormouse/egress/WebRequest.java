package dev.dormouse.egress;

import java.util.List;
import java.util.Map;

/**
 * A request to the outside.
 *
 * @param headers names in lower case
 * @param body not to be changed
 */
public record WebRequest(
    String method,
    String url,
    List<Map.Entry<String, String>> headers,
    byte[] body,
    Redirects redirects) {

  /** what becomes of an answer that is a redirect. */
  public enum Redirects {
    FOLLOW,
    MANUAL,
    ERROR
  }
}
