package dev.dormouse.actor;

import java.util.List;

/**
 * An HTTP request to an actor.
 *
 * @param url the path after the actor's name, as sent, with the query; starts with {@code /}
 * @param body not to be changed
 */
public record HttpRequest(String method, String url, List<Header> headers, byte[] body) {
  /** What the request counts for in a mailbox. */
  long cost() {
    long cost = 256L + url.length() + body.length;
    for (var header : headers) {
      cost += header.cost();
    }
    return cost;
  }
}
